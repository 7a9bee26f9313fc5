#include "redact/disguises.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "redact/encodings.hpp"
#include "redact/wrapped.hpp"

namespace doctor::redact {
namespace {

/// A longer value is looked for in parts of this size.
constexpr std::size_t part = 128;
constexpr std::size_t shortest = 5;
constexpr std::size_t most_unescaped = 16UL * 1024;
/// Escapes within escapes, base64 within escapes, ...
constexpr std::size_t most_readings = 3;
constexpr std::size_t most_base64 = 2;
constexpr std::size_t shortest_reading = 10;  // that more may be read in

std::string without_quotes(std::string text) {
  std::erase_if(text, [](char c) { return c == '"' || c == '\''; });
  return text;
}

/// The value, and what it may look like when all that it stands in is decoded.
std::vector<std::string> decoded_forms(std::string_view value) {
  std::vector<std::string> all{std::string{value}, without_quotes(std::string{value})};
  auto last = std::string{value};
  for (std::size_t i = 0; i < most_readings && last.size() <= most_unescaped; ++i) {
    auto next = unescaped(last);
    if (next == last) break;
    all.push_back(next);
    last = std::move(next);
  }
  for (std::size_t i = 0, count = all.size(); i < count; ++i) {
    auto blanks = all[i];
    std::replace(blanks.begin(), blanks.end(), ' ', '+');  // a form
    all.push_back(std::move(blanks));
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

/// Parts of one size that together are all of a value; the last one ends with it.
std::vector<std::string_view> parts_of(std::string_view value) {
  std::vector<std::string_view> all;
  for (std::size_t at = 0; at < value.size(); at += part)
    all.push_back(value.substr(at + part <= value.size() ? at : value.size() - std::min(part, value.size()), part));
  return all;
}

}  // namespace

void Disguises::want(std::string_view value) {
  for (const std::string_view text : {value, std::string_view{"%\\&=+/-_\n"}})
    for (const char c : text) wanted_.set(static_cast<unsigned char>(c));
}

void Disguises::add(std::string_view value, const std::string& name) {
  want(value);
  for (const auto& form : decoded_forms(value)) add_bytes(form, name);
  for (const auto piece : parts_of(value))
    for (const auto& form : base64_forms(piece))
      if (form.bytes.size() >= shortest) needles_.add(form, name);
  reach_ = std::max(reach_, needles_.longest_added());
  add_bytes(wide(value), name);  // which no part of is without an escape
}

void Disguises::add_bytes(std::string_view bytes, const std::string& name) {
  if (bytes.size() < shortest) return;
  for (const auto piece : parts_of(bytes)) needles_.add({std::string{piece}, 0, 0}, name);
}

void Disguises::add_beside(const std::string& key, const std::string& value, const std::string& name) {
  want(key + value);
  needles_.add_beside(key, without_quotes(value), name);
  constexpr std::size_t between = 8;
  reach_ = std::max(reach_, key.size() + value.size() + between);
}

/// One text and what can be read in it, what can be read in that, and so on, no deeper than `most_readings`.
class Disguises::Search {
 public:
  Search(const Disguises& disguises, Spans& found) : disguises_{disguises}, found_{found} {}

  void read(std::string_view text) {
    const VisitDecoded visit = [this](const Decoded& one) { look(one); };
    each_unescaped(text, Escapes::marks, disguises_.wanted_, disguises_.reach_, visit);
    each_unescaped(text, Escapes::quoted_printable, disguises_.wanted_, disguises_.reach_, visit);
    each_packed(text, within_.size() < most_base64, disguises_.reach_, visit);
  }

 private:
  void look(const Decoded& one) {
    within_.push_back(&one);
    auto here = disguises_.needles_.find(one.text);
    find_wrapped(one.text, disguises_.needles_, here);
    for (auto& span : here) found_.push_back(in_text(std::move(span)));
    if (within_.size() < most_readings && one.text.size() >= shortest_reading) read(one.text);
    within_.pop_back();
  }

  /// Where a part of the last reading comes from.
  Span in_text(Span span) const {
    for (auto one = within_.rbegin(); one != within_.rend(); ++one) {
      const auto& from = (*one)->from;
      span.begin = from(span.begin).begin;
      span.end = from(span.end - 1).end;
    }
    return span;
  }

  const Disguises& disguises_;
  Spans& found_;
  std::vector<const Decoded*> within_;  ///< what is read at the moment, each within the one before
};

void Disguises::find(std::string_view text, Spans& found) const {
  if (!needles_.empty()) Search{*this, found}.read(text);
}

std::size_t Disguises::open_at(std::string_view text) const {
  return needles_.empty() ? std::string_view::npos : open_encoded(text, 8 * needles_.longest_added());
}

}  // namespace doctor::redact
