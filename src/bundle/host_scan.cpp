#include "bundle/host_scan.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

namespace doctor::bundle {
namespace {

constexpr auto none = std::string_view::npos;
constexpr std::size_t longest_v6 = INET6_ADDRSTRLEN - 1;
constexpr std::size_t ethernet_size = 17;
constexpr std::size_t farthest_scheme = 256;  // before the host of a URL

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

constexpr bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_of_name(char c) {
  return is_letter(c) || is_digit(c) || c == '.' || c == '_' || c == '-';
}

constexpr unsigned letter = 1;
constexpr unsigned digit = 2;
constexpr unsigned dot = 4;
constexpr unsigned colon = 8;
constexpr unsigned other = 16;  // of a name

constexpr std::array<std::uint8_t, 256> make_kinds() {
  std::array<std::uint8_t, 256> kinds{};
  for (unsigned i = 0; i < kinds.size(); ++i) {
    const auto c = static_cast<char>(i);
    kinds[i] = static_cast<std::uint8_t>(is_letter(c)           ? letter
                                         : is_digit(c)          ? digit
                                         : c == '.'             ? dot
                                         : c == ':'             ? colon
                                         : c == '_' || c == '-' ? other
                                                                : 0U);
  }
  return kinds;
}
constexpr auto kinds_of_bytes = make_kinds();

/// 0: no part of an address or a name.
unsigned kind_of(char c) {
  return kinds_of_bytes[static_cast<unsigned char>(c)];
}

/// The number behind a slash at `at`, of at most `most`; -1: there is none.
int bits_behind(std::string_view text, std::size_t at, int most) {
  if (at >= text.size() || text[at] != '/') return -1;
  int bits = 0;
  std::size_t size = 0;
  for (++at; at < text.size() && is_digit(text[at]) && size < 4; ++at, ++size) bits = bits * 10 + (text[at] - '0');
  const bool ends = at == text.size() || !(is_of_name(text[at]) || text[at] == '/') || text[at] == '.';
  return size > 0 && size < 4 && ends && bits <= most ? bits : -1;
}

/// The end of a dotted quad at the front; 0: there is none.
std::size_t v4_end(std::string_view text) {
  std::size_t at = 0;
  for (int part = 0; part < 4; ++part) {
    if (part > 0 && (at >= text.size() || text[at++] != '.')) return 0;
    int value = 0;
    std::size_t digits = 0;
    for (; at < text.size() && is_digit(text[at]) && digits < 4; ++at, ++digits) value = value * 10 + (text[at] - '0');
    if (digits == 0 || digits > 3 || value > 255) return 0;
  }
  if (at < text.size() && (is_digit(text[at]) || is_letter(text[at]))) return 0;
  const bool goes_on = at + 1 < text.size() && text[at] == '.' && (is_digit(text[at + 1]) || is_letter(text[at + 1]));
  return goes_on ? 0 : at;
}

/// "db::" is written in programs, and nobody has that address.
bool is_v6(std::string_view text) {
  const bool numbered = std::any_of(text.begin(), text.end(), is_digit);
  if (!numbered && std::count(text.begin(), text.end(), ':') < 3) return false;
  in6_addr address{};
  return text.size() >= 2 && text.size() <= longest_v6 && inet_pton(AF_INET6, std::string{text}.c_str(), &address) == 1;
}

bool is_ethernet(std::string_view text) {
  if (text.size() != ethernet_size) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (i % 3 == 2 ? text[i] != ':' : !is_hex(text[i])) return false;
  return true;
}

class Scanner {
 public:
  Scanner(std::string_view text, const std::function<void(const HostPlace&)>& visit) : text_{text}, visit_{visit} {}

  void run() {
    for (std::size_t at = 0; at < text_.size();) {
      if (kind_of(text_[at]) == 0) {
        ++at;
        continue;
      }
      unsigned kinds = 0;
      auto end = at;
      for (; end < text_.size(); ++end) {
        const auto kind = kind_of(text_[end]);
        if (kind == 0) break;
        kinds |= kind;
      }
      const auto begin = std::min(at + escape_size(at, end), end);
      const bool word = (kinds & colon) == 0 && (kinds & (dot | digit)) != (dot | digit);
      if (!word)
        run_of(begin, end);
      else if ((kinds & letter) != 0)
        name(begin, end, (kinds & dot) != 0);
      at = end;
    }
  }

 private:
  /// What belongs to an escape that began before the run: "\n", "\u003e", "%2F".
  std::size_t escape_size(std::size_t begin, std::size_t end) const {
    if (begin == 0) return 0;
    const auto run = text_.substr(begin, end - begin);
    const char before = text_[begin - 1];
    const auto hex = [run](std::size_t from, std::size_t count) {
      return run.size() >= from + count && std::all_of(run.begin() + static_cast<std::ptrdiff_t>(from),
                                                       run.begin() + static_cast<std::ptrdiff_t>(from + count), is_hex);
    };
    if (before == '%' && hex(0, 2)) return 2;
    if (before != '\\') return 0;
    if (run.front() == 'u' && hex(1, 4)) return 5;
    if (run.front() == 'x' && hex(1, 2)) return 3;
    return std::string_view{"nrtbf"}.find(run.front()) == none ? 0 : 1;
  }

  void run_of(std::size_t begin, std::size_t end) {
    const auto colons = std::count(text_.begin() + static_cast<std::ptrdiff_t>(begin),
                                   text_.begin() + static_cast<std::ptrdiff_t>(end), ':');
    if (colons >= 2 && end - begin <= 4 * longest_v6) begin = addresses_with_colons(begin, end);
    while (begin < end) {
      const auto next = std::min(text_.find(':', begin), end);
      piece(begin, next);
      begin = next + 1;
    }
  }

  /// Reports the first address with colons in it, and what stands before; the end of that.
  std::size_t addresses_with_colons(std::size_t begin, std::size_t end) {
    auto stop = end;  // without a full stop or colon behind
    while (stop > begin && (text_[stop - 1] == '.' || text_[stop - 1] == '-' || text_[stop - 1] == '_')) --stop;
    for (auto at = begin; at < stop;) {
      const auto rest = text_.substr(at, stop - at);
      auto size = is_v6(rest) || is_ethernet(rest) ? rest.size() : 0;
      if (size == 0 && rest.ends_with(':') && is_v6(rest.substr(0, rest.size() - 1))) size = rest.size() - 1;
      if (size > 0) {
        if (at > begin) run_of(begin, at);
        const bool ethernet = is_ethernet(text_.substr(at, size));
        report({at, at + size, ethernet ? HostKind::ethernet : HostKind::v6,
                ethernet ? -1 : bits_behind(text_, at + size, 128)});
        return at + size;
      }
      const auto next = text_.find(':', at);
      at = next >= stop ? stop : next + 1;
    }
    return begin;
  }

  /// Between colons.
  void piece(std::size_t begin, std::size_t end) {
    auto at = begin;
    for (auto place = begin; place < end; ++place) {
      const bool starts = is_digit(text_[place]) &&
                          (place == begin || text_[place - 1] == '-' || text_[place - 1] == '_' || place == at);
      const auto size = starts ? v4_end(text_.substr(place, end - place)) : 0;
      if (size == 0) continue;
      name(at, place);
      report({place, place + size, HostKind::v4, bits_behind(text_, place + size, 32)});
      at = place + size;
      place = at - 1;
    }
    name(at, end);
  }

  void name(std::size_t begin, std::size_t end, bool dotted = true) {
    const auto is_edge = [this](std::size_t at) { return !is_letter(text_[at]) && !is_digit(text_[at]); };
    while (begin < end && is_edge(begin)) ++begin;
    while (end > begin && is_edge(end - 1)) --end;
    if (dotted && std::none_of(text_.begin() + static_cast<std::ptrdiff_t>(begin),
                               text_.begin() + static_cast<std::ptrdiff_t>(end), is_letter))
      return;
    if (begin == end) return;
    HostPlace place{begin, end, HostKind::name};
    place.dotted = dotted;
    constexpr std::string_view ends_of_marks = "/@Ff0";
    if (begin > 0 && ends_of_marks.find(text_[begin - 1]) != none) look_before(place);
    report(place);
  }

  void look_before(HostPlace& place) const {
    const auto far = place.begin - std::min(place.begin, farthest_scheme);
    const auto before = text_.substr(far, place.begin - far);
    place.in_url = before.ends_with("://") || before.ends_with("%3A%2F%2F") || before.ends_with("%3a%2f%2f") ||
                   (before.ends_with('@') && has_scheme(before));
    place.in_address = place.in_url || before.ends_with("//") || before.ends_with('@') || before.ends_with("%40");
  }

  /// Of a URL with a user in it.
  static bool has_scheme(std::string_view before) {
    const auto scheme = before.rfind("://");
    return scheme != none && before.substr(scheme + 3).find_first_of(" \t\r\n\"'/<>") == none;
  }

  void report(const HostPlace& place) const { visit_(place); }

  std::string_view text_;
  const std::function<void(const HostPlace&)>& visit_;
};

}  // namespace

void each_host(std::string_view text, const std::function<void(const HostPlace&)>& visit) {
  Scanner{text, visit}.run();
}

}  // namespace doctor::bundle
