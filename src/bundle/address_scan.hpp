#pragma once

#include <set>
#include <string>
#include <string_view>

namespace doctor::bundle {

/// A second look at finished text for addresses that must not be in it, in whichever way they are spelled
/// (2001:DB8:0::7 for 2001:db8::7, ::ffff:10.1.2.3 for 10.1.2.3). Shares nothing with the code that hides them. Bytes
/// come in pieces of any size; linear, and 64 bytes are held.
class AddressScan {
 public:
  /// In network order: 4 bytes, or 16.
  explicit AddressScan(std::set<std::string> forbidden) : forbidden_{std::move(forbidden)} {}

  void write(std::string_view piece);
  /// The end of the text: whether there was one. Begins anew.
  bool finish();

 private:
  void take(char c);
  void end_of_token(char behind);
  bool is_forbidden(std::string_view token) const;

  std::set<std::string> forbidden_;
  std::string token_;  ///< of the characters of addresses; of a longer one the beginning
  char before_ = ' ';  ///< what stands before it
  bool found_ = false;
};

}  // namespace doctor::bundle
