#pragma once

#include <cstdint>

#include "lab/command.hpp"
#include "lab/files.hpp"

namespace doctor::lab {

/// An application that only the doctor.yaml in its directory knows: it needs a licence, and answers at a port when
/// somebody listens there. What else runs on this machine has no part in it.
class Shop {
 public:
  /// At a port that is free.
  Shop();
  explicit Shop(std::uint16_t port);

  const Directory& directory() const { return directory_; }
  std::uint16_t port() const { return port_; }

  /// `doctor check` on it, by its address.
  Arguments command(const Arguments& more) const;

 private:
  Directory directory_{"shop"};
  std::uint16_t port_;
};

}  // namespace doctor::lab
