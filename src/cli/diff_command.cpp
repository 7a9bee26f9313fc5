#include <ostream>
#include <sstream>

#include "bundle/diff.hpp"
#include "bundle/side.hpp"
#include "cli/commands.hpp"
#include "cli/terminal.hpp"
#include "redact/redactor.hpp"
#include "render/diff.hpp"
#include "util/text.hpp"

namespace doctor::cli {
namespace {

/// Nothing when it cannot be read: the message has been written, the exit code is 2.
std::optional<bundle::Side> side(const std::string& path, Streams streams) {
  auto read = bundle::read_side(path);
  if (read) return *std::move(read);
  streams.err << "doctor: " << util::shown(path)
              << " is neither a bundle nor a report in JSON that can be used: " << util::shown(read.error(), 400)
              << ".\n";
  return std::nullopt;
}

}  // namespace

int diff(const DiffCommand& command, Streams streams) {
  const auto before = side(command.before, streams);
  if (!before) return 2;
  const auto after = side(command.after, streams);
  if (!after) return 2;
  const auto difference = bundle::diff(*before, *after, {command.with_volatile});
  const int code = bundle::exit_code(difference, command.fail_on);
  std::ostringstream text;
  if (command.output.format == "json")
    render::diff_json(*before, *after, difference, code, text);
  else
    render::diff(*before, *after, difference, style_for(command.output), text);
  return deliver(text.str(), command.output, streams, code);
}

}  // namespace doctor::cli
