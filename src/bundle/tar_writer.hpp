#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "bundle/archive.hpp"
#include "bundle/writer.hpp"
#include "util/whole_file.hpp"

namespace doctor::bundle {

/// tar in gzip or zstd, the same bytes for the same members: owner 0, mode 0600, one time, no time or name in the head
/// of the gzip. Extended headers are written only for a name that needs one. Errors are reasons, without the path.
class TarWriter {
 public:
  enum class Effort { usual, least, none };  ///< of packing

  /// `file` must outlive it.
  TarWriter(util::WholeFile& file, Compression compression, Effort effort, std::int64_t time);
  ~TarWriter();
  TarWriter(const TarWriter&) = delete;
  TarWriter& operator=(const TarWriter&) = delete;

  tl::expected<void, std::string> begin(const std::string& path, std::uint64_t size);
  tl::expected<void, std::string> write(std::string_view bytes);
  tl::expected<void, std::string> finish();

  /// What was written packs so well that read_archive() would take it for a bomb.
  bool looks_like_bomb() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace doctor::bundle
