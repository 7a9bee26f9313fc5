#include "bundle/address_scan.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <utility>

namespace doctor::bundle {
namespace {

constexpr std::size_t longest = 64;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_of_address(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' || c == '.';
}

std::string parsed(int family, const std::string& text, std::size_t size) {
  std::string bytes(size, '\0');
  return inet_pton(family, text.c_str(), bytes.data()) == 1 ? bytes : std::string{};
}

}  // namespace

void AddressScan::write(std::string_view piece) {
  for (const char c : piece) take(c);
}

void AddressScan::take(char c) {
  if (!is_of_address(c)) {
    if (!token_.empty()) end_of_token(c);
    before_ = c;
  } else if (token_.size() < longest) {
    token_ += c;
  }
}

void AddressScan::end_of_token(char behind) {
  const bool word = is_letter_or_digit(before_) && token_.front() != ':';
  if (token_.size() < longest && !word && !is_letter_or_digit(behind)) found_ = found_ || is_forbidden(token_);
  token_.clear();
}

/// Of a full stop or a colon behind an address, of a port and of a colon before it, too.
bool AddressScan::is_forbidden(std::string_view token) const {
  if (std::count(token.begin(), token.end(), '.') < 3 && std::count(token.begin(), token.end(), ':') < 2) return false;
  while (token.starts_with(':') && !token.starts_with("::")) token.remove_prefix(1);
  while (token.ends_with('.') || (token.ends_with(':') && !token.ends_with("::"))) token.remove_suffix(1);
  const std::string text{token};
  auto bytes = parsed(AF_INET, text.substr(0, text.find(':')), 4);
  if (bytes.empty()) bytes = parsed(AF_INET6, text, 16);
  constexpr std::string_view mapped{"\0\0\0\0\0\0\0\0\0\0\xFF\xFF", 12};  // RFC 4291, section 2.5.5.2
  if (bytes.size() == 16 && bytes.starts_with(mapped)) bytes.erase(0, mapped.size());
  return !bytes.empty() && forbidden_.count(bytes) > 0;
}

bool AddressScan::finish() {
  if (!token_.empty()) end_of_token(' ');
  before_ = ' ';
  return std::exchange(found_, false);
}

}  // namespace doctor::bundle
