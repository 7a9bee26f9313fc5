#include "probes/helper_jobs.hpp"

namespace doctor::probes {

const std::vector<HelperJob>& helper_jobs() {
  static const std::vector<HelperJob> table{
      {FileQuestion::probe, &jobs::json_job<FileQuestion, &jobs::file>},
      {DirectoryQuestion::probe, &jobs::json_job<DirectoryQuestion, &jobs::directory>},
      {AccessQuestion::probe, &jobs::json_job<AccessQuestion, &jobs::access>},
      {FileSystemQuestion::probe, &jobs::json_job<FileSystemQuestion, &jobs::file_system>},
      {UsageQuestion::probe, &jobs::json_job<UsageQuestion, &jobs::usage>},
      {KeyQuestion::probe, &jobs::json_job<KeyQuestion, &jobs::key>},
      {ListenersQuestion::probe, &jobs::json_job<ListenersQuestion, &jobs::listeners>},
      {HostHistoryQuestion::probe, &jobs::json_job<HostHistoryQuestion, &jobs::host_history>},
      {"bytes", &jobs::bytes_job},
      {"processes", &jobs::processes_job},
      {"log-piece", &jobs::log_piece_job},
      {"log-outputs", &jobs::log_outputs_job},
      {"trusted-program", &jobs::trusted_program_job},
      {"trusted-file", &jobs::trusted_file_job},
      {"sockets", &jobs::sockets_job},
  };
  return table;
}

}  // namespace doctor::probes
