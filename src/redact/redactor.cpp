#include "redact/redactor.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include <re2/re2.h>

#include "redact/encodings.hpp"
#include "redact/marker.hpp"
#include "redact/packed.hpp"
#include "redact/patterns.hpp"
#include "redact/redactor_index.hpp"
#include "redact/wrapped.hpp"
#include "util/percent.hpp"
#include "util/text.hpp"

namespace doctor::redact {
namespace {

constexpr auto none = std::string_view::npos;
constexpr std::size_t most_rounds = 8;
constexpr std::size_t shortest_value = 6;
constexpr std::size_t shortest_line = 8;  // of a value of several lines

/// Values that appear in ordinary output too often to be hidden everywhere.
bool is_common(std::string_view value) {
  static constexpr std::array<std::string_view, 34> words{
      "password",    "passwd",    "secret",   "changeme",   "change_me", "change-me",     "default",
      "example",     "localhost", "postgres", "postgresql", "admin",     "administrator", "redis",
      "docker",      "server",    "master",   "public",     "private",   "system",        "production",
      "development", "staging",   "testing",  "database",   "storage",   "network",       "service",
      "container",   "disabled",  "enabled",  "required",   "optional",  "anonymous"};
  return std::find(words.begin(), words.end(), value) != words.end();
}

/// What samples and documents write where a secret belongs: everybody knows it, and guides name it.
bool is_placeholder(std::string_view value) {
  for (const std::string_view begin :
       {"change_me", "changeme", "change-me", "your_", "your-", "replace_me", "replace-me"})
    if (value.starts_with(begin)) return true;
  return value.ends_with("_here") || value.ends_with("-here") || value.find("placeholder") != none;
}

bool is_short_number(std::string_view value) {
  return value.size() < 9 && value.find_first_not_of("0123456789") == std::string_view::npos;
}

/// The password of a URL, raw; "" for anything else.
std::string url_password(const std::string& value) {
  const auto mark = value.find("://");
  if (mark == std::string::npos || mark > 32) return {};
  const auto at = value.rfind('@');
  const auto colon = value.find(':', mark + 3);
  if (at == std::string::npos || colon == std::string::npos || colon >= at) return {};
  return value.substr(colon + 1, at - colon - 1);
}

/// A URL that says where something is and holds nothing to get in with, though its variable may:
/// "redis://cache:6379/0".
bool is_address(const std::string& value) {
  static const RE2 store{
      R"re((?i)(?:rediss?|postgres(?:ql)?|mysql|mongodb|amqps?)://(?:[^:@/?#]*@)?[^@/?#]+(?:/[^/?#]*)?)re"};
  static const RE2 other{R"re((?i)[a-z][a-z0-9+.-]*://[^@/?#]+/?)re"};
  return RE2::FullMatch(value, store) || RE2::FullMatch(value, other);
}

/// Secrets inside a value that is JSON, such as a list of relay servers.
std::vector<std::string> json_credentials(const std::string& value) {
  static const RE2 expression{R"re("(?:credential|password|secret|token|key)"\s*:\s*"((?:[^"\\]|\\.)*)")re"};
  std::vector<std::string> found;
  if (!value.starts_with('[') && !value.starts_with('{')) return found;
  re2::StringPiece rest{value};
  std::string one;
  while (RE2::FindAndConsume(&rest, expression, &one)) found.push_back(one);
  return found;
}

std::string marker_of(const std::string& name) {
  return std::string{marker_begin} + name + "]";
}

std::size_t line_begin(std::string_view text, std::size_t at) {
  const auto line_break = at == 0 ? none : text.rfind('\n', at - 1);
  return line_break == none ? 0 : line_break + 1;
}

std::size_t line_end(std::string_view text, std::size_t at) {
  return std::min(text.find('\n', at), text.size());
}

/// Gives each value of a name its own marker: NAME, NAME:2, ...
class Labels {
 public:
  std::string next(const std::string& name) {
    const auto count = ++counts_[name];
    return count == 1 ? name : name + ":" + std::to_string(count);
  }

 private:
  std::map<std::string, std::size_t> counts_;
};

class Builder {
 public:
  Builder(Redactor::Index& index, const std::vector<std::string>& ordinary)
      : index_{index}, ordinary_{ordinary.begin(), ordinary.end()} {}

  void add(const KnownSecret& secret) {
    const auto value = util::trim(secret.value);
    if (value.empty()) return;
    label_.clear();
    const auto password = url_password(value);
    for (const auto& part : {password, util::percent_decoded(password)}) add_value(secret.name, part);
    const auto credentials = json_credentials(value);
    for (const auto& part : credentials) {
      add_value(secret.name, part);
      if (credentials.size() > 1) label_.clear();
    }
    if (is_address(value)) return;
    // Of a URL the password is the secret, and host and user should stay readable.
    if (password.empty() || is_weak(password)) add_value(secret.name, value);
    if (value.find('\n') != std::string::npos)
      for (const auto& line : util::split(value, '\n')) add_line(secret.name, util::trim(line));
  }

 private:
  bool is_weak(const std::string& value) const {
    return value.size() < shortest_value || marker_begin.find(value) != none || is_common(util::lower(value)) ||
           is_placeholder(util::lower(value)) || is_short_number(value) || ordinary_.count(value) != 0;
  }

  /// All that is new of one secret has one label.
  const std::string& label(const std::string& name) {
    if (label_.empty()) label_ = labels_.next(name);
    return label_;
  }

  void add_value(const std::string& name, const std::string& value) {
    if (value.empty()) return;
    if (is_weak(value)) return add_weak(name, value);
    if (!seen_.insert(value).second) return;
    for (const auto& form : forms_of(value))
      if (form.bytes.size() >= shortest_value) index_.needles.add(form, label(name));
    index_.disguises.add(value, label(name));
    if (const auto bytes = bytes_of(value); !bytes.empty()) add_bytes(bytes, label(name));
    index_.secrets.push_back({label(name), value});
  }

  void add_bytes(const std::string& bytes, const std::string& label) {
    for (const auto& form : base64_forms(bytes)) index_.needles.add(form, label);
    for (const auto& form : hexadecimal_forms(bytes)) index_.needles.add(form, label);
    index_.disguises.add_bytes(bytes, label);
  }

  void add_weak(const std::string& name, const std::string& value) {
    if (!weak_.insert({name, value}).second) return;
    index_.needles.add_beside(name, value, label(name));
    index_.disguises.add_beside(name, value, label(name));
    index_.beside.push_back({name, value});
  }

  /// Output is looked at line by line, so each line of a key file must be known by itself.
  void add_line(const std::string& name, const std::string& line) {
    if (line.size() >= shortest_line && !line.starts_with("-----")) add_value(name, line);
  }

  Redactor::Index& index_;
  std::set<std::string> ordinary_;
  std::set<std::string> seen_;
  std::set<std::pair<std::string, std::string>> weak_;
  Labels labels_;
  std::string label_;
};

}  // namespace

Spans joined(Spans spans) {
  std::stable_sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.begin < b.begin; });
  Spans out;
  std::size_t named = 0;  // size of the part that named the last span
  for (auto& span : spans) {
    if (span.size() == 0) continue;
    if (out.empty() || span.begin >= out.back().end) {
      named = span.size();
      out.push_back(std::move(span));
      continue;
    }
    auto& last = out.back();
    last.end = std::max(last.end, span.end);
    const bool better = span.known != last.known ? span.known : span.size() > named;
    if (!better) continue;
    named = span.size();
    last.known = span.known;
    last.name = std::move(span.name);
  }
  return out;
}

std::string replaced(std::string_view text, const Spans& spans, Counts& counts) {
  std::string out;
  out.reserve(text.size());
  std::size_t done = 0;
  for (const auto& span : spans) {
    out += text.substr(done, span.begin - done);
    out += marker_of(span.name);
    ++counts[span.name];
    done = span.end;
  }
  return out.append(text.substr(done));
}

/// Whether the name that was read from the text holds a part of a known value; `known` is sorted.
bool is_touched(const Span& span, const Spans& known) {
  if (span.name_at == none) return false;
  const auto next = std::upper_bound(known.begin(), known.end(), span.name_at,
                                     [](std::size_t at, const Span& one) { return at < one.end; });
  return next != known.end() && next->begin < span.name_at + span.name.size();
}

Spans Redactor::Index::markers(std::string_view text) const {
  Spans found;
  for (auto at = text.find(marker_begin); at != none; at = text.find(marker_begin, at + 1)) {
    const auto size = marker_size(text.substr(at));
    if (size == 0) continue;
    const auto name = text.substr(at + marker_begin.size(), size - marker_begin.size() - 1);
    if (needles.find(name).empty()) found.push_back({at, at + size, {}, false});
  }
  return found;
}

Spans Redactor::Index::around_markers(Spans spans, std::string_view text) const {
  if (spans.empty()) return spans;
  const auto all = markers(text);
  auto first = all.begin();
  Spans out;
  for (auto& span : spans) {
    while (first != all.end() && first->end <= span.begin) ++first;
    std::size_t covered = 0;
    for (auto marker = first; marker != all.end() && marker->begin < span.end; ++marker) {
      span.begin = std::min(span.begin, marker->begin);
      span.end = std::max(span.end, marker->end);
      covered += marker->size();
    }
    if (covered < span.size()) out.push_back(std::move(span));
  }
  return joined(std::move(out));
}

Spans Redactor::Index::known(std::string_view text) const {
  auto found = needles.find(text);
  find_wrapped(text, needles, found);
  disguises.find(text, found);
  return joined(std::move(found));
}

Spans Redactor::Index::spans(std::string_view text) const {
  const auto sure = known(text);
  Spans found;
  find_patterns(text, found);
  for (auto& span : found)
    if (is_touched(span, sure)) span.name = "secret";
  rules.find(text, found);
  found.insert(found.end(), sure.begin(), sure.end());
  for (auto& span : found)
    if (!span.known && (!is_marker_name(span.name) || !needles.find(span.name).empty())) span.name = "secret";
  return around_markers(joined(std::move(found)), text);
}

Spans Redactor::Index::known_spans(std::string_view text) const {
  return around_markers(known(text), text);
}

Redactor::Redactor(const std::vector<KnownSecret>& known, const std::vector<std::string>& ordinary,
                   const std::vector<Rule>& rules) {
  auto index = std::make_unique<Index>();
  index->rules = Rules{rules};
  Builder builder{*index, ordinary};
  for (const auto& secret : known) builder.add(secret);
  index->needles.finish();
  index->disguises.finish();
  const auto renamed = [&](const std::string& name) {
    return is_marker_name(name) && index->needles.find(name).empty() ? name : "secret";
  };
  index->disguises.rename(renamed);
  index->needles.rename(renamed);
  index_ = std::move(index);
}

Redactor::~Redactor() = default;
Redactor::Redactor(Redactor&&) noexcept = default;
Redactor& Redactor::operator=(Redactor&&) noexcept = default;

/// A replacement may bring to light what it ran into: the end of a name, a value that a word character followed. So
/// what changed is looked at until nothing more is found; every round leaves less text outside of markers.
std::string Redactor::settled(std::string text, Counts& counts) const {
  for (std::size_t round = 0; round < most_rounds; ++round) {
    const auto spans = index_->spans(text);
    if (spans.empty()) return text;
    text = replaced(text, spans, counts);
  }
  ++counts["line"];
  return marker_of("line");
}

std::string Redactor::redact(std::string_view text) const {
  Counts counts;
  return redact(text, counts);
}

/// Everything that spans several lines is found at once; the rest depends on its own line, so that only lines that
/// changed need another look.
std::string Redactor::redact(std::string_view text, Counts& counts) const {
  const auto spans = index_->spans(text);
  std::string out;
  out.reserve(text.size());
  std::size_t done = 0;
  for (std::size_t i = 0; i < spans.size();) {
    const auto begin = line_begin(text, spans[i].begin);
    auto end = line_end(text, spans[i].end);
    Spans inside;
    for (; i < spans.size() && spans[i].begin <= end; ++i) {
      if (spans[i].end > end) end = line_end(text, spans[i].end);
      inside.push_back({spans[i].begin - begin, spans[i].end - begin, spans[i].name, spans[i].known});
    }
    out += text.substr(done, begin - done);
    out += settled(replaced(text.substr(begin, end - begin), inside, counts), counts);
    done = end;
  }
  return out.append(text.substr(done));
}

std::string Redactor::redact_known(std::string_view text) const {
  Counts counts;
  return redact_known(text, counts);
}

std::string Redactor::redact_known(std::string_view text, Counts& counts) const {
  return replaced(text, index_->known_spans(text), counts);
}

std::string Redactor::find_known(std::string_view text) const {
  const auto found = index_->known_spans(text);
  return found.empty() ? std::string{} : found.front().name;
}

}  // namespace doctor::redact
