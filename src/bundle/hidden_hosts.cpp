#include "bundle/hidden_hosts.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <cstddef>
#include <map>
#include <mutex>

#include "bundle/hidden_addresses.hpp"
#include "bundle/host_scan.hpp"
#include "bundle/host_words.hpp"
#include "bundle/sha256.hpp"
#include "doctor/outside.hpp"
#include "redact/disguises.hpp"
#include "redact/encodings.hpp"
#include "redact/needles.hpp"
#include "redact/wrapped.hpp"
#include "util/text.hpp"

namespace doctor::bundle {
namespace {

constexpr auto none = std::string::npos;
constexpr std::size_t shortest = 6;              // of what is looked for wherever it stands
constexpr std::size_t most_held = 256UL * 1024;  // of a line
constexpr std::string_view mark = "hidden-";
constexpr std::size_t token_size = 6;
constexpr std::size_t most_tokens = 16384;
constexpr const char* encoded_name = "host";

bool is_token(std::string_view label) {
  return label.starts_with(mark) && label.size() == mark.size() + token_size;
}

/// Nobody else has a name like it: it is replaced also within a longer word.
bool is_telling(std::string_view name) {
  return name.size() >= shortest && name.find_first_of(".-0123456789") != none;
}

bool is_kind_of_file(std::string_view ending) {
  static constexpr std::array<std::string_view, 18> kinds{"conf", "log", "yml", "yaml", "json", "toml",
                                                          "pem",  "crt", "cer", "key",  "csr",  "env",
                                                          "txt",  "gz",  "bak", "cert", "ini",  "caddy"};
  return std::find(kinds.begin(), kinds.end(), ending) != kinds.end();
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

}  // namespace

struct HiddenHosts::Parts {
  explicit Parts(const std::string& with) : key{with}, addresses{with} {}

  std::string key;
  HiddenAddresses addresses;
  std::set<std::string, std::less<>> names;  // and the domains of them
  std::set<std::string, std::less<>> kept;
  redact::Needles plain;    ///< each under its own name, and what is in `encoded`
  redact::Needles encoded;  ///< all under one name
  redact::Disguises disguised;
  std::vector<redact::KnownSecret> forbidden;
  mutable std::mutex mutex;
  mutable std::map<std::string, std::string, std::less<>> tokens;  ///< those made so far; bounded

  std::set<std::string, std::less<>> last_labels;  // of the names
  std::bitset<256> first_characters;               // of those without a dot, in lower case

  void add(const std::string& name) {
    if (is_kept(name)) return;
    add_form(name);
    const auto domain = name.substr(domain_begin(name));
    if (domain != name && suffix_begin(domain) != domain.size()) add_form(domain);
  }

  void add_form(const std::string& name) {
    if (!names.insert(name).second) return;
    const auto dot = name.rfind('.');
    if (dot == none) first_characters.set(static_cast<unsigned char>(name.front()));
    last_labels.insert(name.substr(dot + 1));
    if (!is_telling(name)) return;
    for (const auto& form : {name, upper(name)}) {
      plain.add({form, 0, 0}, name);
      forbidden.push_back({encoded_name, form});
    }
    for (const auto& form : redact::forms_of(name))
      if (util::lower(form.bytes) != name) add_encoded(form);
    for (const auto& form : {name, upper(name)}) disguised.add(form, encoded_name);
  }

  void add_encoded(const redact::Form& form) {
    plain.add(form, encoded_name);
    encoded.add(form, encoded_name);
  }

  void add_address(const std::string& address) {
    addresses.watch(address);
    const auto other = addresses.of_v4(address);
    if (other.empty() || other == address || is_private_host(address)) return;
    forbidden.push_back({"address", address});
    plain.add({address, 0, 0}, address);
    for (const auto& form : redact::forms_of(address))
      if (form.bytes != address) add_encoded(form);
    disguised.add(address, encoded_name);
  }

  bool is_kept(std::string_view name) const { return name.empty() || kept.count(name) > 0 || is_everybodys(name); }

  /// Whether the name, or what it lies below, is known.
  bool is_known(std::string_view name) const {
    for (auto rest = name; !rest.empty();) {
      if (names.count(rest) > 0) return true;
      const auto dot = rest.find('.');
      rest = dot == none ? std::string_view{} : rest.substr(dot + 1);
    }
    return false;
  }

  bool is_host(std::string_view name, const HostPlace& place) const {
    return (is_known(name) || looks_like_host(name, place)) && !is_kept(name);
  }

  bool looks_like_host(std::string_view name, const HostPlace& place) const {
    const auto dot = name.rfind('.');
    if (dot == none || name.find("..") != none) return false;
    const auto ending = ending_of(name.substr(dot + 1));
    const auto first = name.substr(0, name.find('.'));
    if (ending == Ending::none) return place.in_url && kept.count(first) == 0;  // "api.namespace" of a cluster
    const bool is_long = name.find('.') != dot;
    return ending == Ending::certain || place.in_url || (ending == Ending::word && (is_long || place.in_address));
  }

  /// A quick look: false when it is none for certain.
  bool may_be_host(std::string_view word, const HostPlace& place) const {
    const auto dot = place.dotted ? word.rfind('.') : none;
    if (dot == none) return first_characters[static_cast<unsigned char>(lower(word.front()))];
    std::array<char, 32> label{};
    const auto size = word.size() - dot - 1;
    if (place.in_url || size > label.size()) return true;
    std::transform(word.begin() + static_cast<std::ptrdiff_t>(dot) + 1, word.end(), label.begin(), lower);
    const std::string_view last{label.data(), size};
    return ending_of(last) != Ending::none || is_kind_of_file(last) || last_labels.count(last) > 0;
  }

  std::string token(std::string_view label) const {
    const std::lock_guard lock{mutex};
    if (const auto found = tokens.find(label); found != tokens.end()) return found->second;
    if (tokens.size() >= most_tokens) tokens.clear();
    return tokens.emplace(label, new_token(label)).first->second;
  }

  std::string new_token(std::string_view label) const {
    constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz234567";
    const auto sum = Sha256::of(key + "label" + '\0' + std::string{label});
    std::string out{mark};
    for (std::size_t i = 0; i < token_size; ++i)
      out += alphabet[std::stoul(sum.substr(i * 2, 2), nullptr, 16) % alphabet.size()];
    return out;
  }

  std::string other_name(std::string_view name) const {
    const auto suffix = suffix_begin(name);
    std::string out;
    for (std::size_t at = 0; at < suffix && at < name.size();) {
      const auto end = std::min({name.find('.', at), suffix, name.size()});
      const auto label = name.substr(at, end - at);
      const bool stays = label.empty() || label == "www" || label.front() == '_' || is_token(label);
      out += stays ? std::string{label} : token(label);
      if (end < name.size() && name[end] == '.') out += '.';
      at = end + 1;
    }
    return out.append(name.substr(std::min(suffix, name.size())));
  }

  std::string other(std::string_view text, const HostPlace& place) const {
    const auto word = text.substr(place.begin, place.end - place.begin);
    switch (place.kind) {
      case HostKind::v4:
        return addresses.of_v4(word, place.bits);
      case HostKind::v6:
        return addresses.of_v6(word, place.bits);
      case HostKind::ethernet:
        return addresses.of_ethernet(word);
      case HostKind::name:
        break;
    }
    const auto name = util::lower(word);
    if (is_host(name, place)) return other_name(name);
    // "acme.com.conf"
    const auto dot = name.rfind('.');
    if (dot == none || place.in_url || !is_kind_of_file(name.substr(dot + 1))) return {};
    const auto before = name.substr(0, dot);
    return is_host(before, place) ? other_name(before) + name.substr(dot) : std::string{};
  }

  std::string other_known(const std::string& name) const {
    const auto address = addresses.of_v4(name);
    return address.empty() ? other_name(name) : address;
  }

  /// What of the known is left: in longer words, and encoded.
  std::string without_rest(const std::string& text) const {
    auto spans = plain.find(text);
    redact::find_wrapped(text, encoded, spans);
    disguised.find(text, spans);
    if (spans.empty()) return text;
    std::sort(spans.begin(), spans.end(),
              [](const auto& a, const auto& b) { return a.begin != b.begin ? a.begin < b.begin : a.end > b.end; });
    std::string out;
    std::size_t done = 0;
    for (const auto& span : spans) {
      if (span.begin < done) {
        done = std::max(done, span.end);  // the rest of what overlaps goes with it
        continue;
      }
      out.append(text, done, span.begin - done);
      out += span.name == encoded_name ? "[redacted:host]" : other_known(span.name);
      done = span.end;
    }
    return out.append(text, std::min(done, text.size()));
  }
};

HiddenHosts::HiddenHosts(const std::string& key, const KnownHosts& known) {
  auto parts = std::make_unique<Parts>(key);
  parts->kept.insert(known.kept.begin(), known.kept.end());
  for (const auto& name : known.names) parts->add(name);
  for (const auto& address : known.addresses) parts->add_address(address);
  parts->plain.finish();
  parts->encoded.finish();
  parts->disguised.finish();
  parts_ = std::move(parts);
}

HiddenHosts::~HiddenHosts() = default;

std::string HiddenHosts::hide(std::string_view text) const {
  std::string out;
  out.reserve(text.size());
  std::size_t done = 0;
  each_host(text, [&](const HostPlace& place) {
    const auto word = text.substr(place.begin, place.end - place.begin);
    if (place.kind == HostKind::name && !parts_->may_be_host(word, place)) return;
    const auto other = parts_->other(text, place);
    if (other.empty()) return;
    out.append(text.substr(done, place.begin - done)).append(other);
    done = place.end;
  });
  out.append(text.substr(done));
  return parts_->without_rest(out);
}

std::string HiddenHosts::hide_known(std::string_view text) const {
  return parts_->without_rest(std::string{text});
}

std::size_t HiddenHosts::open_at(std::string_view text) const {
  return std::min(redact::open_wrapped(text, parts_->encoded), parts_->disguised.open_at(text));
}

const std::vector<redact::KnownSecret>& HiddenHosts::forbidden() const {
  return parts_->forbidden;
}

std::set<std::string> HiddenHosts::forbidden_addresses() const {
  return parts_->addresses.unused();
}

std::string HidingStream::write(std::string_view piece) {
  held_ += piece;
  const bool full = held_.size() >= most_held;
  auto end = held_.rfind('\n');
  if (end == std::string::npos && full) end = held_.find_last_of(" \t\",;");
  if (end == std::string::npos && held_.size() < 2 * most_held) return {};
  auto count = end == std::string::npos ? held_.size() : end + 1;
  if (!full) count = std::min(count, hosts_->open_at(std::string_view{held_}.substr(0, count)));
  auto out = hosts_->hide(std::string_view{held_}.substr(0, count));
  held_.erase(0, count);
  return out;
}

std::string HidingStream::finish() {
  auto out = hosts_->hide(held_);
  held_.clear();
  return out;
}

}  // namespace doctor::bundle
