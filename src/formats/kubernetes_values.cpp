#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "doctor/format/text.hpp"
#include "formats/kubernetes_reader.hpp"
#include "util/text.hpp"

// Values: what they are, and what a container gets.

namespace doctor::formats {
namespace {

constexpr std::size_t longest_url = 64 * 1024;

struct SchemePort {
  std::string_view scheme;
  std::uint16_t port;
};

/// The ports that clients use when a URL names none.
constexpr std::array<SchemePort, 11> scheme_ports{{{"http", 80},
                                                   {"https", 443},
                                                   {"ws", 80},
                                                   {"wss", 443},
                                                   {"redis", 6379},
                                                   {"rediss", 6379},
                                                   {"postgres", 5432},
                                                   {"postgresql", 5432},
                                                   {"mysql", 3306},
                                                   {"amqp", 5672},
                                                   {"nats", 4222}}};

std::uint16_t port_of_scheme(std::string_view scheme) {
  for (const auto& one : scheme_ports)
    if (one.scheme == scheme) return one.port;
  return 0;
}

std::uint16_t port_number(std::string_view text) {
  const auto number = integer(text);
  const bool digits = text.find_first_not_of("0123456789") == std::string_view::npos;
  return digits && number && *number > 0 && *number <= 65535 ? static_cast<std::uint16_t>(*number) : std::uint16_t{0};
}

bool is_scheme(std::string_view text) {
  return !text.empty() && text.size() <= 20 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  });
}

bool is_host(std::string_view text) {
  return !text.empty() && text.size() <= 255 && std::all_of(text.begin(), text.end(), [](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' || c == ':';
  });
}

int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

struct Unit {
  std::string_view suffix;
  double factor;
};

constexpr std::array<Unit, 14> units{{{"Ki", 1024.0},
                                      {"Mi", 1048576.0},
                                      {"Gi", 1073741824.0},
                                      {"Ti", 1099511627776.0},
                                      {"Pi", 1125899906842624.0},
                                      {"Ei", 1152921504606846976.0},
                                      {"k", 1e3},
                                      {"M", 1e6},
                                      {"G", 1e9},
                                      {"T", 1e12},
                                      {"P", 1e15},
                                      {"E", 1e18},
                                      {"m", 1e-3},
                                      {"", 1.0}}};

/// Collects what a container gets; a later source of the same name wins.
class Environment {
 public:
  explicit Environment(const Manifests& manifests) : manifests_{manifests} {}

  void add(const KubeEnvFrom& from) {
    const auto* config = manifests_.config(from.source, from.secret);
    const auto what = (from.secret ? "Secret " : "ConfigMap ") + shown(from.source, 80);
    if (config == nullptr) {
      if (!from.optional) missing("", what, from.secret ? "secret" : "config-map", from.place);
      return;
    }
    for (const auto& value : config->values) {
      if (found_.size() == most_pod_variables) return;
      auto resolved = of(value, from.secret ? "secret" : "config-map", from.place);
      resolved.name = from.prefix + value.name;
      set(std::move(resolved));
    }
  }

  void add(const KubeVariable& variable) {
    if (variable.kind == "literal") return set(named(of(variable.literal, "literal", variable.place), variable.name));
    if (variable.kind == "field") {
      KubeResolved resolved;
      resolved.name = variable.name;
      resolved.kind = variable.kind;
      resolved.written = resolved.passed = variable.place;
      return set(std::move(resolved));
    }
    referenced(variable);
  }

  std::vector<KubeResolved> take() { return std::move(found_); }

 private:
  void referenced(const KubeVariable& variable) {
    const bool secret = variable.kind == "secret";
    const auto* config = manifests_.config(variable.source, secret);
    const auto* value = config == nullptr ? nullptr : config->find(variable.key);
    if (value != nullptr) return set(named(of(*value, variable.kind, variable.place), variable.name));
    if (variable.optional) return;
    const auto object = (secret ? "Secret " : "ConfigMap ") + shown(variable.source, 80);
    missing(variable.name, config == nullptr ? object : "key " + shown(variable.key, 80) + " of " + object,
            variable.kind, variable.place);
  }

  void missing(const std::string& name, std::string what, const std::string& kind, const Place& place) {
    KubeResolved resolved;
    resolved.name = name;
    resolved.missing = std::move(what);
    resolved.kind = kind;
    resolved.written = resolved.passed = place;
    set(std::move(resolved));
  }

  static KubeResolved of(const KubeValue& value, std::string kind, const Place& passed) {
    return {value.name,       value.value,       {},           std::move(kind),     value.place,
            passed,           value.destination, value.number, value.encoded_twice, value.ends_with_break,
            value.undecodable};
  }

  static KubeResolved named(KubeResolved resolved, const std::string& name) {
    resolved.name = name;
    return resolved;
  }

  void set(KubeResolved resolved) {
    if (found_.size() == most_pod_variables) return;
    const auto [known, fresh] = index_.try_emplace(resolved.name, found_.size());
    if (fresh || resolved.name.empty())
      found_.push_back(std::move(resolved));
    else
      found_[known->second] = std::move(resolved);
  }

  const Manifests& manifests_;
  std::vector<KubeResolved> found_;
  std::map<std::string, std::size_t> index_;
};

}  // namespace

std::optional<Destination> destination_of(std::string_view text) {
  if (text.size() > longest_url) return std::nullopt;
  const auto colon = text.find("://");
  if (colon == std::string_view::npos) return std::nullopt;
  const auto scheme = lower(text.substr(0, colon));
  if (!is_scheme(scheme)) return std::nullopt;
  auto authority = text.substr(colon + 3);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) authority.remove_prefix(at + 1);
  auto host = authority;
  std::string_view port;
  const auto bracket = authority.starts_with('[') ? authority.find(']') : std::string_view::npos;
  if (bracket != std::string_view::npos) {
    host = authority.substr(1, bracket - 1);
    if (authority.size() > bracket + 1 && authority[bracket + 1] == ':') port = authority.substr(bracket + 2);
  } else if (const auto last = authority.rfind(':'); last != std::string_view::npos) {
    host = authority.substr(0, last);
    port = authority.substr(last + 1);
    if (host.find(':') != std::string_view::npos) return std::nullopt;
  }
  const auto number = port.empty() ? port_of_scheme(scheme) : port_number(port);
  if (number == 0 || !is_host(host)) return std::nullopt;
  return Destination{scheme, std::string{host}, number};
}

std::optional<std::uint64_t> memory_quantity(std::string_view text) {
  const auto digits = std::min(text.find_first_not_of("0123456789.eE+"), text.size());
  // The exponent's letter is a unit, too, when no digit follows it.
  auto split = digits;
  if (split > 0 && (text[split - 1] == 'E' || text[split - 1] == 'e')) --split;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + split, value);
  if (split == 0 || error != std::errc{} || end != text.data() + split) return std::nullopt;
  const auto suffix = text.substr(split);
  const auto* unit = std::find_if(units.begin(), units.end(), [&](const Unit& one) { return one.suffix == suffix; });
  if (unit == units.end()) return std::nullopt;
  const double count = value * unit->factor;
  if (!std::isfinite(count) || count < 0 || count >= 9.2e18) return std::nullopt;
  return static_cast<std::uint64_t>(count);
}

bool KubeSelector::matches(const Labels& labels) const {
  for (const auto& [name, value] : match) {
    const auto found = labels.find(name);
    if (found == labels.end() || found->second != value) return false;
  }
  return std::all_of(requirements.begin(), requirements.end(), [&](const KubeRequirement& one) {
    const auto found = labels.find(one.key);
    if (one.operation == "Exists") return found != labels.end();
    if (one.operation == "DoesNotExist") return found == labels.end();
    const bool in =
        found != labels.end() && std::find(one.values.begin(), one.values.end(), found->second) != one.values.end();
    return one.operation == "NotIn" ? !in : in;
  });
}

std::vector<KubeResolved> resolve_environment(const Manifests& manifests, const KubeContainer& container) {
  Environment environment{manifests};
  for (const auto& from : container.env_from) environment.add(from);
  for (const auto& variable : container.env) environment.add(variable);
  return environment.take();
}

std::string component_of(const KubeWorkload& workload, const KubeContainer& container,
                         const std::vector<std::string>& names) {
  const auto known = [&](const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  const auto label = workload.pod_labels.find("app.kubernetes.io/component");
  const auto component = label == workload.pod_labels.end() ? std::string{} : label->second;
  const auto others = std::count_if(workload.containers.begin(), workload.containers.end(),
                                    [](const KubeContainer& one) { return !one.init; });
  const bool only = others == 1 && !container.init;
  if (only && known(component)) return component;
  if (known(container.name)) return container.name;
  return only && !component.empty() ? component : container.name;
}

bool is_image_of(const std::vector<std::string>& globs, std::string_view image) {
  return std::any_of(globs.begin(), globs.end(),
                     [&](const std::string& glob) { return util::glob_match(glob, image); });
}

namespace kubernetes {

std::int64_t integer_of(const YamlNode* node, std::int64_t otherwise) {
  return integer(text_of(node)).value_or(otherwise);
}

std::uint16_t port_of(const YamlNode* node) {
  return port_number(text_of(node));
}

void describe_value(KubeValue& out, std::string text, bool secret) {
  out.empty = text.empty();
  out.destination = destination_of(text);
  if (const auto number = integer(text); number && !secret) out.number = *number;
  out.value = secret && !text.empty() ? Value::secret(std::move(text)) : Value::plain(std::move(text));
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string out;
  unsigned bits = 0;
  int count = 0;
  std::size_t digits = 0;
  std::size_t padding = 0;
  for (const char c : text) {
    if (c == '\n' || c == '\r') continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    const int digit = base64_digit(c);
    if (digit < 0 || padding > 0) return std::nullopt;
    bits = (bits << 6U | static_cast<unsigned>(digit)) & 0xffffffU;
    ++digits;
    if ((count += 6) >= 8) {
      count -= 8;
      out += static_cast<char>(static_cast<unsigned char>(bits >> static_cast<unsigned>(count) & 0xffU));
    }
  }
  if ((digits + padding) % 4 != 0 || padding > 2) return std::nullopt;
  return out;
}

}  // namespace kubernetes
}  // namespace doctor::formats
