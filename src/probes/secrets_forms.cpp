#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>

#include <arpa/inet.h>
#include <nlohmann/json.hpp>

#include "probes/secrets.hpp"
#include "util/text.hpp"

// Every reason here is a fixed phrase: the text that is judged may be secret.

namespace doctor::probes {
namespace {

constexpr std::string_view digits = "0123456789";
constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::size_t most_depth = 64;

bool only(std::string_view text, std::initializer_list<std::string_view> classes) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return std::any_of(classes.begin(), classes.end(),
                       [c](std::string_view set) { return set.find(c) != std::string_view::npos; });
  });
}

bool has_blank_or_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte == 0x7F;
  });
}

std::string port_problem(std::string_view port) {
  if (port.empty()) return "the port is missing";
  if (!only(port, {digits})) return "the port is not a number";
  if (port.size() > 5 || std::stoul(std::string{port}) > 65535) return "the port is larger than 65535";
  return "";
}

bool is_ipv6(std::string_view text) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  const std::string zoneless{text.substr(0, text.find('%'))};
  return inet_pton(AF_INET6, zoneless.c_str(), address.data()) == 1;
}

std::string host_problem(std::string_view host) {
  if (host.empty()) return "the host is missing";
  if (host.starts_with('['))
    return host.ends_with(']') && is_ipv6(host.substr(1, host.size() - 2)) ? "" : "no valid IPv6 address";
  if (only(host, {digits, "."})) {
    std::array<unsigned char, sizeof(in_addr)> address{};
    return inet_pton(AF_INET, std::string{host}.c_str(), address.data()) == 1 ? "" : "no valid IPv4 address";
  }
  return only(host, {letters, digits, ".-_"}) ? "" : "a character that no host name has";
}

/// The host and the port after the last colon; brackets of an IPv6 address are kept.
struct HostPort {
  std::string_view host;
  std::optional<std::string_view> port;
};

HostPort split_port(std::string_view text) {
  const auto bracket = text.rfind(']');
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket)) return {text, {}};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

std::string authority_problem(std::string_view authority) {
  const auto at = authority.rfind('@');
  if (at != std::string_view::npos) authority.remove_prefix(at + 1);
  const auto [host, port] = split_port(authority);
  if (auto problem = host_problem(host); !problem.empty()) return problem;
  return port && !port->empty() ? port_problem(*port) : "";
}

/// RFC 3986, section 3: scheme "://" authority ...
std::string url_problem(std::string_view text, const std::vector<std::string>& schemes) {
  if (has_blank_or_control(text)) return "a blank or control character";
  const auto mark = text.find("://");
  if (mark == std::string_view::npos || mark == 0) return "no scheme such as https://";
  const auto scheme = util::lower(text.substr(0, mark));
  if (!only(scheme, {letters, digits, "+-."}) || letters.find(scheme.front()) == std::string_view::npos)
    return "the scheme is malformed";
  if (!schemes.empty() && std::find(schemes.begin(), schemes.end(), scheme) == schemes.end())
    return "the scheme is none of: " + util::join(schemes, ", ");
  const auto rest = text.substr(mark + 3);
  return authority_problem(rest.substr(0, rest.find_first_of("/?#")));
}

std::string integer_problem(std::string_view text) {
  const auto number = text.starts_with('-') || text.starts_with('+') ? text.substr(1) : text;
  if (number.empty() || !only(number, {digits})) return "not a whole number";
  return number.size() > 18 ? "too many digits" : "";
}

std::string hex_problem(std::string_view text) {
  if (!only(text, {digits, "abcdefABCDEF"})) return "a character that is no hexadecimal digit";
  return text.size() % 2 != 0 ? "an odd number of hexadecimal digits" : "";
}

std::string hex64_problem(std::string_view text) {
  if (!only(text, {digits, "abcdefABCDEF"})) return "a character that is no hexadecimal digit";
  return text.size() != 64 ? "not 64 hexadecimal digits" : "";
}

std::string address_problem(std::string_view text) {
  if (text.find("://") != std::string_view::npos) return "a URL instead of address:port";
  const auto [host, port] = split_port(text);
  if (!port) return "the port is missing";
  if (host.find(':') != std::string_view::npos && !host.starts_with('[')) return "an IPv6 address without brackets";
  if (auto problem = host_problem(host); !problem.empty()) return problem;
  return port_problem(*port);
}

std::string path_problem(std::string_view text) {
  if (std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }))
    return "a control character";
  if (text.front() == ' ' || text.back() == ' ') return "a blank at its begin or end";
  return text.find_first_of("\"'") == 0 ? "a quotation mark at its begin" : "";
}

/// False when brackets nest deeper than the JSON reader is allowed to follow.
bool shallow(std::string_view text) {
  std::size_t depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      quoted = !quoted;
    else if (!quoted && (text[i] == '[' || text[i] == '{') && ++depth > most_depth)
      return false;
    else if (!quoted && (text[i] == ']' || text[i] == '}') && depth > 0)
      --depth;
  }
  return true;
}

std::string json_problem(const std::string& text, bool array) {
  if (!shallow(text)) return "nested too deeply";
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (json.is_discarded()) return "no valid JSON";
  if (array) return json.is_array() ? "" : "JSON, but no array";
  return json.is_object() ? "" : "JSON, but no object";
}

bool is_level(std::string_view text) {
  const auto word = util::lower(text);
  const std::array<std::string_view, 12> levels{"trace", "debug", "info", "warn", "error", "off",
                                                "0",     "1",     "2",    "3",    "4",     "5"};
  return std::find(levels.begin(), levels.end(), word) != levels.end();
}

/// One directive of tracing-subscriber's EnvFilter: LEVEL, or target[span{field=value}]=LEVEL with each part optional.
std::string directive_problem(std::string_view text) {
  const auto open = text.find('[');
  const auto target = text.substr(0, std::min(open, text.find('=')));
  if (!only(target, {letters, digits, "_:-."})) return "a character that no log target has";
  auto rest = text.substr(target.size());
  if (rest.starts_with('[')) {
    const auto close = rest.rfind(']');
    if (close == std::string_view::npos) return "a \"[\" without \"]\"";
    rest.remove_prefix(close + 1);
  } else if (target.empty()) {
    return "a level without a target before \"=\"";
  }
  if (rest.empty()) return "";
  if (!rest.starts_with('=')) return "text after \"]\"";
  return is_level(rest.substr(1)) ? "" : "a level that is none of trace, debug, info, warn, error, off";
}

std::string log_filter_problem(std::string_view text) {
  std::size_t begin = 0;
  int depth = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ',';
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    if (c != ',' || (depth > 0 && i < text.size())) continue;
    const auto directive = util::trim(text.substr(begin, i - begin));
    begin = i + 1;
    if (directive.empty()) continue;
    if (auto problem = directive_problem(directive); !problem.empty()) return problem;
  }
  return "";
}

std::string base64url_problem(std::string_view text) {
  const auto end = text.find_last_not_of('=');
  const auto body = text.substr(0, end == std::string_view::npos ? 0 : end + 1);
  if (text.find_first_of("+/") != std::string_view::npos) return "ordinary base64 instead of base64url";
  if (!only(body, {letters, digits, "-_"})) return "a character outside the base64url alphabet";
  return body.size() % 4 == 1 || text.size() - body.size() > 2 ? "its length is no length of base64" : "";
}

std::string boolean_problem(std::string_view text) {
  const auto word = util::lower(text);
  const std::array<std::string_view, 8> words{"true", "false", "1", "0", "yes", "no", "on", "off"};
  return std::find(words.begin(), words.end(), word) != words.end() ? "" : "neither true nor false";
}

std::string word_problem(std::string_view text) {
  return only(text, {letters, digits, "_.-"}) ? "" : "more than one word of letters, digits, \"_\", \".\" and \"-\"";
}

/// Origins as a browser sends them (RFC 6454, section 6.2): no path, not even a slash at the end.
std::string origins_problem(std::string_view text) {
  for (const auto& part : util::split(text, ',')) {
    const auto origin = util::trim(part);
    if (origin.empty()) continue;
    if (origin.find('*') != std::string::npos) return "\"*\" is not allowed in the list";
    if (auto problem = url_problem(origin, {}); !problem.empty()) return "in an origin: " + problem;
    if (origin.find('/', origin.find("://") + 3) != std::string::npos)
      return "an origin has a path or a slash at its end";
  }
  return "";
}

}  // namespace

std::string form_problem(std::string_view form, const SettingRule& rule, const std::string& text) {
  if (form.empty()) return "";
  if (util::trim(text).empty()) return "it is empty";
  if (form == "url") return url_problem(text, rule.schemes);
  if (form == "http-url") return url_problem(text, {"http", "https"});
  if (form == "integer") return integer_problem(text);
  if (form == "hex") return hex_problem(text);
  if (form == "hex64") return hex64_problem(text);
  if (form == "address") return address_problem(text);
  if (form == "path") return path_problem(text);
  if (form == "json-array") return json_problem(text, true);
  if (form == "json-object") return json_problem(text, false);
  if (form == "log-filter") return log_filter_problem(text);
  if (form == "base64url") return base64url_problem(text);
  if (form == "boolean") return boolean_problem(text);
  if (form == "word") return word_problem(text);
  if (form == "cors-origins") return origins_problem(text);
  throw std::invalid_argument("unknown form of a setting");
}

std::string url_breakers(std::string_view text) {
  struct Class {
    std::string_view name;
    bool (*has)(char c);
  };
  static constexpr std::array<Class, 8> classes{{
      {"slash", [](char c) { return c == '/'; }},
      {"question mark", [](char c) { return c == '?'; }},
      {"hash", [](char c) { return c == '#'; }},
      {"percent", [](char c) { return c == '%'; }},
      {"square bracket", [](char c) { return c == '[' || c == ']'; }},
      {"space", [](char c) { return c == ' '; }},
      {"control character", [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }},
      {"non-ASCII", [](char c) { return static_cast<unsigned char>(c) >= 0x80; }},
  }};
  std::vector<std::string> found;
  for (const auto& entry : classes)
    if (std::any_of(text.begin(), text.end(), entry.has)) found.emplace_back(entry.name);
  return util::join(found, ", ");
}

}  // namespace doctor::probes
