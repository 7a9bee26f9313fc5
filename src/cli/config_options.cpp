#include "cli/config_options.hpp"

#include <algorithm>
#include <sstream>

#include <nlohmann/json.hpp>

#include "cli/pager.hpp"
#include "redact/redactor.hpp"
#include "util/text.hpp"

namespace doctor::cli {
namespace {

/// "a.B=x,C=y" -> "a.B=...,C=...".
std::string names_alone(const std::string& assignments) {
  std::vector<std::string> names;
  for (const auto& item : util::split(assignments, ','))
    if (const auto equals = item.find('='); equals != std::string::npos)
      names.push_back(item.substr(0, equals) + "=...");
  return util::join(names, ",");
}

std::vector<OptionValue> shown(std::vector<OptionValue> values) {
  const redact::Redactor redactor;
  for (auto& item : values) item.value = item.name == "set" ? names_alone(item.value) : redactor.redact(item.value);
  return values;
}

std::string json(const std::vector<OptionValue>& values) {
  auto array = nlohmann::ordered_json::array();
  for (const auto& item : values)
    array.push_back({{"name", item.name}, {"value", item.value}, {"origin", item.origin}, {"place", item.place}});
  return array.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

std::string table(const std::vector<OptionValue>& values) {
  std::size_t name_width = 0;
  std::size_t value_width = 0;
  for (const auto& item : values) {
    name_width = std::max(name_width, item.name.size());
    value_width = std::max(value_width, std::min<std::size_t>(util::shown(item.value).size(), 30));
  }
  std::string text;
  for (const auto& item : values)
    text += padded(item.name, name_width) + "  " + padded(util::shown(item.value), value_width) + "  " +
            (item.place.empty() ? item.origin : util::shown(item.place)) + "\n";
  return text;
}

}  // namespace

int config_options(const ConfigCommand& command, Streams streams) {
  const auto values = shown(command.values);
  return deliver_paged(command.output.format == "json" ? json(values) : table(values), command.output, streams, 0);
}

}  // namespace doctor::cli
