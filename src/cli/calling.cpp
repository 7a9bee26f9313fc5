#include "cli/calling.hpp"

#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "util/text.hpp"

namespace doctor::cli {
namespace {

/// The options that say what is examined. A value that may hold a password is not repeated.
std::string options_again(const TargetOptions& target) {
  std::string text;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty() && value.find('@') == std::string::npos)
      text += std::string{" "} + name + " " + util::shell_quoted(value);
  };
  add("--system", target.system);
  for (const auto& file : target.env_files) add("--env-file", file);
  for (const auto& file : target.compose_files) add("--compose-file", file);
  add("--project-name", target.project_name);
  for (const auto& profile : target.profiles) add("--profile", profile);
  for (const auto& url : target.urls) add("--url", url);
  for (const auto& file : target.proxy_configs) add("--proxy-config", file);
  return text;
}

bool is_here(const std::string& directory) {
  std::error_code failure;
  return std::filesystem::equivalent(directory, ".", failure) && !failure;
}

}  // namespace

void add_calling(render::Style& style, const CheckCommand& command, const diagnosis::Report& report) {
  if (report.recording || !command.from.empty()) return;
  if (!is_here(report.directory)) style.enter = report.directory;
  style.again = options_again(command.target);
  style.plain_user = geteuid() != 0;
}

}  // namespace doctor::cli
