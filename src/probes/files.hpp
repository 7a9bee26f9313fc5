#pragma once

#include <memory>
#include <string>

#include "doctor/probe/files.hpp"
#include "doctor/probe/history.hpp"
#include "doctor/probe/host.hpp"
#include "probes/helper.hpp"

namespace doctor::probes {

/// A probe whose question is answered by the helper's job of the same name.
template <class Question>
class HelperProbe final : public Probe<Question> {
 public:
  explicit HelperProbe(std::shared_ptr<Helper> helper) : helper_{std::move(helper)} {}
  Outcome<typename Question::Answer> ask(const Question& question, const Deadline& deadline) override;

 private:
  std::shared_ptr<Helper> helper_;
};

using FileProbe = HelperProbe<FileQuestion>;
using DirectoryProbe = HelperProbe<DirectoryQuestion>;
using AccessProbe = HelperProbe<AccessQuestion>;
using FileSystemProbe = HelperProbe<FileSystemQuestion>;
using UsageProbe = HelperProbe<UsageQuestion>;
using KeyProbe = HelperProbe<KeyQuestion>;
using ListenersProbe = HelperProbe<ListenersQuestion>;
using HostHistoryProbe = HelperProbe<HostHistoryQuestion>;

/// Text is UTF-8 without NUL; anything else is a protocol_error with code "NUL" or "UTF-8".
class TextProbe final : public Probe<TextQuestion> {
 public:
  explicit TextProbe(std::shared_ptr<Helper> helper) : helper_{std::move(helper)} {}
  Outcome<TextAnswer> ask(const TextQuestion& question, const Deadline& deadline) override;

 private:
  std::shared_ptr<Helper> helper_;
};

/// The bytes of a regular file (or of a file of /proc), `most` at most: more is too_large. For discovery: they may hold
/// secrets. A FIFO, device, socket or directory is a protocol_error whose code says so ("FIFO", "DEVICE", "SOCKET",
/// "EISDIR").
Outcome<std::string> read_bytes(Helper& helper, const std::string& path, std::uint64_t most, const Deadline& deadline);

}  // namespace doctor::probes
