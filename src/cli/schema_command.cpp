#include <algorithm>
#include <sstream>

#include "cli/commands.hpp"
#include "cli/schemas.hpp"
#include "cli/terminal.hpp"

namespace doctor::cli {
namespace {

std::string padded(std::string_view text, std::size_t width) {
  std::string cell{text};
  cell.resize(std::max(cell.size() + 1, width), ' ');
  return cell;
}

}  // namespace

int schema(const SchemaCommand& command, Streams streams) {
  constexpr std::size_t name_column = 8;
  constexpr std::size_t title_column = 18;
  std::ostringstream text;
  for (const auto& schema : schemas()) {
    if (command.name == schema.name) text << schema.text;
    if (command.name.empty())
      text << padded(schema.name, name_column) << padded(schema.title, title_column) << schema.about << '\n';
  }
  return deliver(text.str(), command.output, streams, 0);
}

}  // namespace doctor::cli
