#pragma once

#include <string>
#include <vector>

namespace doctor::test {

/// A certificate and its private key, PEM.
struct Certificate {
  std::string certificate;
  std::string key;
};

/// A fresh certificate for host names or numeric addresses, signed by `issuer` or by itself (then it is its own
/// authority). Valid from `from_days` to `to_days` from now. `issuer_url`: where it says that its issuer can be had.
Certificate make_certificate(const std::vector<std::string>& names, int from_days = -1, int to_days = 30,
                             const Certificate* issuer = nullptr, const std::string& issuer_url = {});

}  // namespace doctor::test
