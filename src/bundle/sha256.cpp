#include "bundle/sha256.hpp"

#include <openssl/evp.h>

#include <array>
#include <new>

namespace doctor::bundle {

struct Sha256::State {
  struct Free {
    void operator()(EVP_MD_CTX* done) const { EVP_MD_CTX_free(done); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context{EVP_MD_CTX_new()};

  void begin() {
    if (!context || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1) throw std::bad_alloc{};
  }
};

Sha256::Sha256() : state_{std::make_unique<State>()} {
  state_->begin();
}

Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::write(std::string_view piece) {
  EVP_DigestUpdate(state_->context.get(), piece.data(), piece.size());
}

std::string Sha256::finish() {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<unsigned char, EVP_MAX_MD_SIZE> sum{};
  unsigned size = 0;
  EVP_DigestFinal_ex(state_->context.get(), sum.data(), &size);
  state_->begin();
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    text += digits[sum[i] / 16];
    text += digits[sum[i] % 16];
  }
  return text;
}

std::string Sha256::of(std::string_view bytes) {
  Sha256 sum;
  sum.write(bytes);
  return sum.finish();
}

}  // namespace doctor::bundle
