#include "probes/secrets_seal.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <stdexcept>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace doctor::probes {
namespace {

constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;
constexpr std::size_t key_size = 32;

using Key = std::array<unsigned char, key_size>;
using Tag = std::array<unsigned char, tag_size>;

const unsigned char* raw(std::string_view text) {
  const void* data = text.data();
  return static_cast<const unsigned char*>(data);
}

Key sha256(std::string_view text) {
  Key digest{};
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("SHA-256 is not available");
  return digest;
}

/// The first half of the key stream's block 0 (RFC 8439, 2.6).
Key one_time_key(const Key& key, std::string_view nonce) {
  std::array<unsigned char, sizeof(std::uint32_t) + nonce_size> counter_and_nonce{};
  std::copy(raw(nonce), raw(nonce) + nonce_size, counter_and_nonce.begin() + sizeof(std::uint32_t));
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context{EVP_CIPHER_CTX_new(),
                                                                                EVP_CIPHER_CTX_free};
  if (!context) throw std::bad_alloc{};
  const Key zeros{};
  Key stream{};
  int written = 0;
  if (EVP_EncryptInit_ex(context.get(), EVP_chacha20(), nullptr, key.data(), counter_and_nonce.data()) != 1 ||
      EVP_EncryptUpdate(context.get(), stream.data(), &written, zeros.data(), static_cast<int>(zeros.size())) != 1)
    throw std::runtime_error("ChaCha20 is not available");
  return stream;
}

/// What the tag is made over: the ciphertext, filled up to 16 bytes, and the two lengths.
std::string authenticated(std::string_view ciphertext) {
  std::string data{ciphertext};
  data.append((tag_size - data.size() % tag_size) % tag_size, '\0');
  data.append(sizeof(std::uint64_t), '\0');  // of the additional data
  auto length = static_cast<std::uint64_t>(ciphertext.size());
  for (std::size_t i = 0; i < sizeof length; ++i, length >>= 8U) data += static_cast<char>(length & 0xFFU);
  return data;
}

Tag poly1305(const Key& key, std::string_view data) {
  const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> mac{EVP_MAC_fetch(nullptr, "POLY1305", nullptr),
                                                              EVP_MAC_free};
  const std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> context{EVP_MAC_CTX_new(mac.get()), EVP_MAC_CTX_free};
  Tag tag{};
  std::size_t size = 0;
  if (!context || EVP_MAC_init(context.get(), key.data(), key.size(), nullptr) != 1 ||
      EVP_MAC_update(context.get(), raw(data), data.size()) != 1 ||
      EVP_MAC_final(context.get(), tag.data(), &size, tag.size()) != 1)
    throw std::runtime_error("Poly1305 is not available");
  return tag;
}

}  // namespace

bool opens(std::string_view key, std::string_view sealed) {
  if (sealed.size() < nonce_size + tag_size) return false;
  const auto nonce = sealed.substr(0, nonce_size);
  const auto ciphertext = sealed.substr(nonce_size, sealed.size() - nonce_size - tag_size);
  const auto tag = poly1305(one_time_key(sha256(key), nonce), authenticated(ciphertext));
  return CRYPTO_memcmp(tag.data(), raw(sealed.substr(sealed.size() - tag_size)), tag_size) == 0;
}

std::string bytes_of_hex(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  if (text.size() % 2 != 0) return {};
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const auto high = digits.find(text[i]);
    const auto low = digits.find(text[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return {};
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

}  // namespace doctor::probes
