#include "guides/ignore_file.hpp"

#include <algorithm>
#include <chrono>
#include <set>

#include "guides/fields.hpp"
#include "util/text.hpp"

namespace doctor::guides {

template <class Field>
void each_field(Field&& field, IgnoreEntry& entry) {
  field("code", entry.code);
  field("subject", entry.subject);
  field("reason", entry.reason);
  field("expires", entry.expires);
}

namespace yaml {

template <>
struct Rules<IgnoreEntry> {
  static void check(const IgnoreEntry& entry, const Node& node, Reader& reader) {
    if (entry.code.empty()) reader.problem(node, "code", "an entry needs the code that is put up with");
    if (util::trim(entry.reason).empty())
      reader.problem(node, "reason", "an entry needs its reason, for those who read it later");
    if (entry.expires.empty())
      reader.problem(node, "expires", "an entry needs its last day, expires: 2026-12-31");
    else if (!is_day(entry.expires))
      reader.problem(node, "expires", util::shown(entry.expires, 40) + " is not a day written like 2026-12-31");
  }
};

}  // namespace yaml

namespace {

int number(std::string_view digits) {
  int value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return value;
}

void check_codes(const std::vector<IgnoreEntry>& entries, const std::vector<std::string>& codes, const yaml::Node& list,
                 yaml::Reader& reader) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto& entry = entries[i];
    if (entry.code.empty()) continue;
    const bool of_plugin = entry.code.starts_with("plugin-");  // only the plugin knows its codes
    if (!of_plugin && std::find(codes.begin(), codes.end(), entry.code) == codes.end())
      reader.problem(list.items[i], "code",
                     "there is no code " + util::shown(entry.code, 80) + did_you_mean(entry.code, codes));
    if (!seen.insert(entry.code + "=" + entry.subject).second)
      reader.problem(list.items[i], "code", "an entry for the same code and subject stands above");
  }
}

}  // namespace

bool is_day(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const auto digits = std::string{text.substr(0, 4)} + std::string{text.substr(5, 2)} + std::string{text.substr(8)};
  if (digits.find_first_not_of("0123456789") != std::string::npos) return false;
  return std::chrono::year_month_day{std::chrono::year{number(text.substr(0, 4))},
                                     std::chrono::month{static_cast<unsigned>(number(text.substr(5, 2)))},
                                     std::chrono::day{static_cast<unsigned>(number(text.substr(8)))}}
      .ok();
}

std::vector<IgnoreEntry> read_ignore_file(std::string_view text, const std::string& file,
                                          const std::vector<std::string>& codes, Problems& problems) {
  const auto list = yaml::read(text, file, problems);
  std::vector<IgnoreEntry> entries;
  if (!problems.empty() || list.kind == yaml::Node::Kind::null) return entries;
  yaml::Reader reader{file, problems};
  reader.read(list, "doctor.ignore.yaml", entries);
  for (std::size_t i = 0; i < entries.size() && i < list.items.size(); ++i) entries[i].line = list.items[i].line;
  if (list.kind == yaml::Node::Kind::sequence) check_codes(entries, codes, list, reader);
  return entries;
}

}  // namespace doctor::guides
