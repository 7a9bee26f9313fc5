#include "doctor/format/haproxy.hpp"

#include <algorithm>
#include <array>

#include "util/text.hpp"

namespace doctor::formats {
namespace {

constexpr std::size_t most_lines = 100'000;

using Words = std::vector<std::string>;

/// False: a quote is not closed.
bool split_line(std::string_view line, Words& words) {
  std::string word;
  bool any = false;
  char quote = '\0';
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '\\' && quote != '\'' && i + 1 < line.size()) {
      word += line[++i];
      any = true;
    } else if (quote != '\0' ? c == quote : (c == '"' || c == '\'')) {
      quote = quote == '\0' ? c : '\0';
      any = true;
    } else if (quote == '\0' && c == '#') {
      break;
    } else if (quote == '\0' && (c == ' ' || c == '\t' || c == '\r')) {
      if (any) words.push_back(std::move(word));
      word.clear();
      any = false;
    } else {
      word += c;
      any = true;
    }
  }
  if (any) words.push_back(std::move(word));
  return quote == '\0';
}

bool is_section(const std::string& word) {
  static constexpr std::array<std::string_view, 15> kinds{
      "global",  "defaults", "frontend", "backend",     "listen", "userlist",    "peers",   "resolvers",
      "mailers", "cache",    "program",  "http-errors", "ring",   "log-forward", "fcgi-app"};
  return std::find(kinds.begin(), kinds.end(), word) != kinds.end();
}

class Reader {
 public:
  explicit Reader(std::string file) : file_{std::move(file)} {}

  HaproxyConfig read(std::string_view text) {
    if (text.size() > most_config_bytes) refuse(0, "it is larger than 4 MB");
    int number = 0;
    while (!text.empty() && !config_.refused) {
      const auto end = std::min(text.find('\n'), text.size());
      line(text.substr(0, end), ++number);
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return std::move(config_);
  }

 private:
  void refuse(int line, std::string reason) { config_.refused = ConfigProblem{{file_, line, 0}, std::move(reason)}; }

  void line(std::string_view text, int number) {
    HaproxyLine read;
    read.place = {file_, number, 1};
    if (!split_line(text, read.words)) return refuse(number, "unmatched quote");
    if (read.words.empty()) return;
    if (++count_ > most_lines) return refuse(number, "more than 100,000 lines");
    if (is_section(read.words.front())) return begin(read);
    if (config_.sections.empty())
      return refuse(number, "unknown keyword '" + util::shown(read.words.front(), 40) + "' out of section");
    if (read.words.front() == "timeout" && read.words.size() > 2 && !haproxy_time(read.words[2]))
      return refuse(number, "unexpected character in 'timeout " + util::shown(read.words[1], 20) + "'");
    config_.sections.back().lines.push_back(std::move(read));
  }

  void begin(const HaproxyLine& line) {
    HaproxySection section;
    section.kind = line.words.front();
    section.name = line.words.size() > 1 ? line.words[1] : std::string{};
    section.place = line.place;
    const bool proxy = section.kind == "frontend" || section.kind == "backend" || section.kind == "listen";
    if (proxy && section.name.empty())
      return refuse(line.place.line, "'" + section.kind + "' expects an <id> argument");
    section.defaults = defaults_;
    if (section.kind == "defaults") defaults_ = static_cast<int>(config_.sections.size());
    config_.sections.push_back(std::move(section));
  }

  std::string file_;
  HaproxyConfig config_;
  std::size_t count_ = 0;
  int defaults_ = -1;
};

const HaproxySection* backend(const HaproxyConfig& config, const std::string& name) {
  for (const auto& section : config.sections)
    if ((section.kind == "backend" || section.kind == "listen") && section.name == name) return &section;
  return nullptr;
}

/// The line "timeout NAME ..." in force: the section's own, else that of its defaults.
const HaproxyLine* timeout(const HaproxyConfig& config, const HaproxySection& section, std::string_view name) {
  const auto in = [&](const HaproxySection& one) -> const HaproxyLine* {
    const HaproxyLine* last = nullptr;
    for (const auto& line : one.lines)
      if (line.words.size() > 2 && line.words[0] == "timeout" && line.words[1] == name) last = &line;
    return last;
  };
  if (const auto* own = in(section)) return own;
  return section.defaults < 0 ? nullptr : in(config.sections[static_cast<std::size_t>(section.defaults)]);
}

enum class Holds { yes, no, unknown };

/// Only what path and upgrade decide.
class Conditions {
 public:
  Conditions(const HaproxySection& section, std::string path, bool websocket)
      : section_{section}, path_{std::move(path)}, websocket_{websocket} {}

  /// The words behind `if`: names of ACLs and "{ fetch value }", all of which must hold.
  Holds all(const Words& words, std::size_t begin) const {
    auto result = Holds::yes;
    for (std::size_t i = begin; i < words.size(); ++i) {
      if (words[i] == "||" || words[i] == "or") return Holds::unknown;
      auto one = Holds::unknown;
      if (words[i] == "{") {
        Words test;
        for (++i; i < words.size() && words[i] != "}"; ++i) test.push_back(words[i]);
        one = holds(test, 0);
      } else {
        const bool negated = words[i].starts_with('!');
        one = named(negated ? words[i].substr(1) : words[i]);
        if (negated && one != Holds::unknown) one = one == Holds::yes ? Holds::no : Holds::yes;
      }
      if (one == Holds::no) return Holds::no;
      if (one == Holds::unknown) result = Holds::unknown;
    }
    return result;
  }

 private:
  Holds named(const std::string& name) const {
    auto result = Holds::unknown;
    for (const auto& line : section_.lines) {
      if (line.words.size() < 3 || line.words[0] != "acl" || line.words[1] != name) continue;
      const auto one = holds(line.words, 2);
      if (one == Holds::yes) return one;
      result = one;
    }
    return result;
  }

  Holds holds(const Words& words, std::size_t at) const {
    if (at >= words.size()) return Holds::unknown;
    const auto fetch = util::lower(words[at]);
    if (fetch.starts_with("hdr(upgrade)") || fetch.starts_with("hdr(connection)") ||
        fetch.starts_with("req.hdr(upgrade)"))
      return websocket_ ? Holds::yes : Holds::no;
    const bool begins = fetch == "path_beg" || fetch == "path,beg";
    const bool exact = fetch == "path";
    const bool ends = fetch == "path_end";
    if (!begins && !exact && !ends) return Holds::unknown;
    for (std::size_t i = at + 1; i < words.size(); ++i) {
      if (words[i] == "-i") continue;
      const bool fits = begins ? path_.starts_with(words[i]) : ends ? path_.ends_with(words[i]) : path_ == words[i];
      if (fits) return Holds::yes;
    }
    return Holds::no;
  }

  const HaproxySection& section_;
  std::string path_;
  bool websocket_;
};

void set_idle(const HaproxyConfig& config, const HaproxySection& front, const HaproxySection& back,
              HaproxyRoute& route) {
  const auto consider = [&](const HaproxyLine* line) {
    const auto value = line == nullptr ? std::nullopt : haproxy_time(line->words[2]);
    if (!value || value->count() == 0 || (route.idle_timeout.count() > 0 && *value >= route.idle_timeout)) return;
    route.idle_timeout = *value;
    route.idle_place = line->place;
  };
  const auto* tunnel = timeout(config, back, "tunnel");
  if (tunnel == nullptr) tunnel = timeout(config, front, "tunnel");
  if (tunnel != nullptr) return consider(tunnel);
  consider(timeout(config, front, "client"));
  consider(timeout(config, back, "server"));
}

/// `timeout server` counts while the server is silent, before and within an answer; none is in force by itself.
void set_answer_timeout(const HaproxyConfig& config, const HaproxySection& back, HaproxyRoute& route) {
  const auto* line = timeout(config, back, "server");
  const auto value = line == nullptr ? std::nullopt : haproxy_time(line->words[2]);
  if (!value) return;
  route.answer_timeout = *value;
  route.timeout_place = line->place;
}

bool is_refusal(const Words& words) {
  static constexpr std::array<std::string_view, 6> actions{"deny", "auth", "return", "tarpit", "silent-drop", "reject"};
  return words.size() > 1 && words[0] == "http-request" &&
         std::find(actions.begin(), actions.end(), words[1]) != actions.end();
}

/// What cannot be judged counts as a rule that refuses.
bool may_refuse(const HaproxySection& section, const Conditions& conditions) {
  return std::any_of(section.lines.begin(), section.lines.end(), [&](const HaproxyLine& line) {
    const auto& words = line.words;
    if (!is_refusal(words)) return false;
    const auto condition = std::find_if(words.begin(), words.end(),
                                        [](const std::string& word) { return word == "if" || word == "unless"; });
    if (condition == words.end()) return true;
    const auto holds = conditions.all(words, static_cast<std::size_t>(condition - words.begin()) + 1);
    return holds != (*condition == "if" ? Holds::no : Holds::yes);
  });
}

bool is_local(const HaproxySection& front) {
  bool any = false;
  for (const auto& line : front.lines) {
    if (line.words.size() < 2 || line.words[0] != "bind") continue;
    any = true;
    const auto& address = line.words[1];
    const bool local = address.starts_with("127.") || address.starts_with("localhost:") ||
                       address.starts_with("[::1]") || address.starts_with("::1:") || address.starts_with("/") ||
                       address.starts_with("unix@");
    if (!local) return false;
  }
  return any;
}

/// The first of these lines that is there: `http-reuse` of the section, or of its defaults.
const HaproxyLine* reuse_line(const HaproxyConfig& config, const HaproxySection& section) {
  const auto in = [](const HaproxySection& one) -> const HaproxyLine* {
    const HaproxyLine* last = nullptr;
    for (const auto& line : one.lines)
      if (line.words.size() > 1 && line.words[0] == "http-reuse") last = &line;
    return last;
  };
  if (const auto* own = in(section)) return own;
  return section.defaults < 0 ? nullptr : in(config.sections[static_cast<std::size_t>(section.defaults)]);
}

/// The value of a parameter of the `server` and `default-server` lines.
std::string server_option(const HaproxySection& section, std::string_view name) {
  for (const auto& line : section.lines) {
    const auto& words = line.words;
    if (words.empty() || (words[0] != "server" && words[0] != "default-server")) continue;
    const auto found = std::find(words.begin(), words.end(), name);
    if (found != words.end() && found + 1 != words.end()) return *(found + 1);
  }
  return {};
}

/// By default the first request of a client never goes to a connection that was used before, and others are repeated.
void set_reuse(const HaproxyConfig& config, const HaproxySection& back, HaproxyRoute& route) {
  const auto* line = reuse_line(config, back);
  if (line == nullptr || (line->words[1] != "always" && line->words[1] != "aggressive")) return;
  if (server_option(back, "pool-max-conn") == "0") return;
  constexpr std::chrono::seconds by_default{5};
  route.reuse = haproxy_time(server_option(back, "pool-purge-delay")).value_or(by_default);
  route.reuse_place = line->place;
}

}  // namespace

std::optional<std::chrono::milliseconds> haproxy_time(std::string_view text) {
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits == 0 || digits > 12) return std::nullopt;
  const auto unit = text.substr(digits);
  const std::int64_t factor = unit.empty() || unit == "ms" ? 1
                              : unit == "s"                ? 1000
                              : unit == "m"                ? 60'000
                              : unit == "h"                ? 3'600'000
                              : unit == "d"                ? 86'400'000
                                                           : 0;
  if (unit == "us") return std::chrono::milliseconds{std::stoll(std::string{text.substr(0, digits)}) / 1000};
  if (factor == 0) return std::nullopt;
  const auto value = std::stoll(std::string{text.substr(0, digits)});
  if (value > 9'000'000'000'000'000 / factor) return std::nullopt;
  return std::chrono::milliseconds{value * factor};
}

HaproxyConfig read_haproxy(std::string_view text, const std::string& file) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return Reader{file}.read(text);
}

HaproxyRoute haproxy_route(const HaproxyConfig& config, std::size_t section, const std::string& path, bool websocket) {
  HaproxyRoute route;
  const auto& front = config.sections.at(section);
  route.place = front.place;
  const Conditions conditions{front, path, websocket};
  const HaproxySection* chosen = front.kind == "listen" ? &front : nullptr;
  const HaproxySection* fallback = nullptr;
  for (const auto& line : front.lines) {
    if (line.words.size() < 2) continue;
    if (line.words[0] == "default_backend") fallback = backend(config, line.words[1]);
    if (line.words[0] != "use_backend") continue;
    const bool conditional = line.words.size() > 3 && line.words[2] == "if";
    const auto holds = conditional             ? conditions.all(line.words, 3)
                       : line.words.size() > 2 ? Holds::unknown
                                               : Holds::yes;
    if (holds == Holds::unknown) route.unknown = true;
    if (holds != Holds::yes) continue;
    fallback = backend(config, line.words[1]);
    break;
  }
  if (fallback != nullptr) chosen = fallback;
  if (chosen == nullptr) return route;
  route.place = chosen->place;
  for (const auto& line : chosen->lines)
    if (line.words.size() > 2 && line.words[0] == "server") {
      route.servers.push_back(line.words[2]);
      route.server_places.push_back(line.place);
    }
  set_idle(config, front, *chosen, route);
  set_answer_timeout(config, *chosen, route);
  set_reuse(config, *chosen, route);
  const Conditions behind{*chosen, path, websocket};
  route.guarded = is_local(front) || may_refuse(front, conditions) || may_refuse(*chosen, behind);
  return route;
}

}  // namespace doctor::formats
