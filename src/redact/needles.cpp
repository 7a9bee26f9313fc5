#include "redact/needles.hpp"

#include <algorithm>
#include <cstring>
#include <map>

namespace doctor::redact {
namespace {

constexpr std::uint32_t table_bits = 16;

std::uint32_t prefix_at(const char* bytes) {
  std::uint32_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

std::uint32_t slot_of(std::uint32_t prefix) {
  return (prefix * 2654435761U) >> (32U - table_bits);
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::size_t skip(std::string_view text, std::size_t at, std::string_view characters) {
  const auto end = text.find_first_not_of(characters, at);
  return end == std::string_view::npos ? text.size() : end;
}

}  // namespace

Needles::Needles() : table_((1U << table_bits) / 64) {}

void Needles::add(const Form& form, const std::string& name) {
  if (form.bytes.size() <= longest) {
    insert({form.bytes, name, form.lead, form.tail, {}});
    return;
  }
  for (std::size_t at = 0; at < form.bytes.size(); at += longest)
    insert({form.bytes.substr(at, longest), name, form.lead, form.tail, {}});
}

void Needles::add_beside(const std::string& key, const std::string& value, const std::string& name) {
  if (value.empty()) return;
  if (key.size() >= shortest) return insert({key, name, 0, 0, value});
  for (const std::string_view separator : {"=", ": ", "\": \"", "=\"", "='"}) {
    const auto text = key + std::string{separator};
    if ((text + value).size() >= shortest) insert({text + value, name, 0, 0, {}});
  }
}

void Needles::insert(Entry entry) {
  if (entry.bytes.size() < shortest) return;
  const auto prefix = prefix_at(entry.bytes.data());
  const auto slot = slot_of(prefix);
  table_[slot / 64] |= std::uint64_t{1} << (slot % 64);
  by_prefix_[prefix].push_back(static_cast<std::uint32_t>(entries_.size()));
  for (std::size_t size = 1; size < shortest; ++size) beginnings_.insert(entry.bytes.substr(0, size));
  longest_added_ = std::max(longest_added_, entry.bytes.size());
  entries_.push_back(std::move(entry));
}

void Needles::finish() {
  for (auto& [prefix, list] : by_prefix_)
    std::stable_sort(list.begin(), list.end(), [this](std::uint32_t a, std::uint32_t b) {
      return entries_[a].bytes.size() > entries_[b].bytes.size();
    });
}

void Needles::rename(const std::function<std::string(const std::string& name)>& renamed) {
  std::map<std::string, std::string> names;
  for (const auto& entry : entries_) names.emplace(entry.name, "");
  for (auto& [name, to] : names) to = renamed(name);
  for (auto& entry : entries_) entry.name = names[entry.name];
}

bool Needles::begins_one(std::string_view text) const {
  if (text.size() < shortest) return beginnings_.count(text) > 0;
  const auto list = by_prefix_.find(prefix_at(text.data()));
  if (list == by_prefix_.end()) return false;
  return std::any_of(list->second.begin(), list->second.end(), [&](std::uint32_t index) {
    const auto& bytes = entries_[index].bytes;
    return bytes.size() > text.size() && bytes.compare(0, text.size(), text) == 0;
  });
}

Spans Needles::find(std::string_view text) const {
  Spans found;
  if (entries_.empty() || text.size() < shortest) return found;
  const auto last = text.size() - shortest;
  for (std::size_t at = 0; at <= last; ++at) {
    const auto prefix = prefix_at(text.data() + at);
    const auto slot = slot_of(prefix);
    if ((table_[slot / 64] >> (slot % 64) & 1U) == 0) continue;
    const auto list = by_prefix_.find(prefix);
    if (list == by_prefix_.end()) continue;
    for (const auto index : list->second) {
      Span span;
      if (!match(entries_[index], text, at, span)) continue;
      found.push_back(std::move(span));
      if (entries_[index].value.empty()) break;  // the others here are shorter
    }
  }
  return found;
}

bool Needles::match(const Entry& entry, std::string_view text, std::size_t at, Span& span) const {
  if (text.compare(at, entry.bytes.size(), entry.bytes) != 0) return false;
  if (!entry.value.empty()) return match_beside(entry, text, at, span);
  span = {at, at + entry.bytes.size(), entry.name, true};
  if (entry.lead > 0 && at > 0 && is_base64_character(text[at - 1])) --span.begin;
  if (entry.tail > 0 && span.end < text.size() && is_base64_character(text[span.end])) ++span.end;
  if (entry.tail > 0)
    for (int i = 0; i < 2 && span.end < text.size() && text[span.end] == '='; ++i) ++span.end;
  return true;
}

bool Needles::match_beside(const Entry& entry, std::string_view text, std::size_t at, Span& span) {
  if (at > 0 && is_word(text[at - 1])) return false;
  auto next = skip(text, at + entry.bytes.size(), "\"'\\ ");
  if (next >= text.size() || (text[next] != '=' && text[next] != ':')) return false;
  next = skip(text, next + 1, "\"'\\ ");
  if (text.compare(next, entry.value.size(), entry.value) != 0) return false;
  const auto end = next + entry.value.size();
  if (end < text.size() && is_word(text[end])) return false;
  span = {next, end, entry.name, true};
  return true;
}

}  // namespace doctor::redact
