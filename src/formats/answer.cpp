#include "doctor/format/answer.hpp"

#include <algorithm>
#include <vector>

#include "doctor/format/json_pointer.hpp"
#include "doctor/format/text.hpp"

namespace doctor::formats {

std::string media_type(const HttpAnswer& answer) {
  auto type = lower(answer.header("content-type"));
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.pop_back();
  return type;
}

bool fits(const AnswerRule& rule, const HttpAnswer& answer) {
  const auto& status = rule.status;
  if (!status.empty() && std::find(status.begin(), status.end(), answer.status) == status.end()) return false;
  if (!rule.type.empty() && rule.type != media_type(answer)) return false;
  const auto stands_there = [&](const auto& item) {
    const auto found = json_at(answer.body, item.first);
    return found && *found == compact_json(item.second).value_or(item.second);
  };
  if (!std::all_of(rule.json.begin(), rule.json.end(), stands_there)) return false;
  return rule.contains.empty() || answer.body.find(rule.contains) != std::string::npos;
}

std::string describe(const AnswerRule& rule) {
  std::vector<std::string> parts;
  std::vector<std::string> numbers;
  for (const auto status : rule.status) numbers.push_back(std::to_string(status));
  if (!numbers.empty()) parts.push_back(join(numbers, " or "));
  if (!rule.type.empty()) parts.push_back(shown(rule.type, 60));
  for (const auto& [pointer, value] : rule.json) parts.push_back(shown(pointer, 60) + " is " + shown(value, 60));
  if (!rule.contains.empty()) parts.push_back("it holds " + shown(rule.contains, 60));
  return parts.empty() ? "any answer" : join(parts, ", ");
}

}  // namespace doctor::formats
