#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "doctor/outcome.hpp"
#include "doctor/probe/files.hpp"
#include "doctor/probe/history.hpp"
#include "doctor/probe/host.hpp"
#include "probes/helper_descriptor.hpp"
#include "probes/processes.hpp"
#include "util/serialise.hpp"

/// What the helper's children do. Each function may hang; it runs where nobody waits for it forever.
namespace doctor::probes::jobs {

Outcome<FileAnswer> file(const FileQuestion& question);
Outcome<DirectoryAnswer> directory(const DirectoryQuestion& question);
Outcome<AccessAnswer> access(const AccessQuestion& question);
Outcome<FileSystemAnswer> file_system(const FileSystemQuestion& question);
Outcome<UsageAnswer> usage(const UsageQuestion& question);
Outcome<KeyAnswer> key(const KeyQuestion& question);
Outcome<ListenersAnswer> listeners(const ListenersQuestion& question);
Outcome<HostHistoryAnswer> host_history(const HostHistoryQuestion& question);

/// The bytes of a regular file, `most` at most (more: too_large).
Outcome<std::string> contents(const std::string& path, std::uint64_t most);
Outcome<std::string> contents(const Descriptor& file, std::uint64_t most);

/// Opens for reading what must be a regular file; never waits for the writer of a FIFO.
Outcome<Descriptor> open_regular(const std::string& path);

/// Jobs as the helper runs them: JSON in, JSON or bytes out.
Outcome<std::string> bytes_job(const std::string& request);
Outcome<std::string> processes_job(const std::string& request);
Outcome<std::string> log_piece_job(const std::string& request);
Outcome<std::string> log_outputs_job(const std::string& request);
Outcome<std::string> trusted_program_job(const std::string& request);
Outcome<std::string> trusted_file_job(const std::string& request);
Outcome<std::string> sockets_job(const std::string& request);

/// Wraps a function of structs into a job.
template <class Question, Outcome<typename Question::Answer> (*Function)(const Question&)>
Outcome<std::string> json_job(const std::string& request) {
  Question question;
  util::from_json(util::Json::parse(request), question);
  const auto answer = Function(question);
  if (!answer) return Failed{answer.error()};
  return util::to_json(*answer).dump(-1, ' ', false, util::Json::error_handler_t::replace);
}

}  // namespace doctor::probes::jobs
