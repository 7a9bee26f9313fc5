#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace doctor::bundle {

/// SHA-256 of bytes that come in pieces.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void write(std::string_view piece);
  /// Hexadecimal, lower case. Begins anew.
  std::string finish();

  static std::string of(std::string_view bytes);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace doctor::bundle
