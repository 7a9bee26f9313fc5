#include <array>
#include <memory>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "doctor/format/pem.hpp"
#include "probes/files_failure.hpp"
#include "probes/helper_jobs.hpp"

namespace doctor::probes::jobs {
namespace {

template <class T, void (*Free)(T*)>
struct Freed {
  void operator()(T* object) const { Free(object); }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY, EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509, X509_free>>;

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;

/// Without this OpenSSL would ask on the terminal.
int refuse_password(char*, int, int, void*) {
  return -1;
}

std::string canonical_name(const EVP_PKEY* key) {
  const char* name = EVP_PKEY_get0_type_name(key);
  const std::string text{name != nullptr ? name : ""};
  if (text == "ED25519") return "Ed25519";
  if (text == "ED448") return "Ed448";
  return text;
}

std::string fingerprint(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int length = i2d_PUBKEY(key, &der);
  if (length <= 0) return {};
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  const int done = EVP_Digest(der, static_cast<std::size_t>(length), digest.data(), &size, EVP_sha256(), nullptr);
  OPENSSL_free(der);
  std::string text;
  constexpr std::string_view digits = "0123456789abcdef";
  for (unsigned i = 0; done == 1 && i < size; ++i) {
    text += digits[digest.at(i) >> 4U];
    text += digits[digest.at(i) & 0xFU];
  }
  return text;
}

struct Parsed {
  std::string kind;
  Key key;
};

Parsed parse(const std::string& bytes, const std::string& label) {
  const Bio bio{BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size()))};
  if (label.ends_with("PRIVATE KEY") || label == "EC PARAMETERS")
    return {"private", Key{PEM_read_bio_PrivateKey(bio.get(), nullptr, refuse_password, nullptr)}};
  if (label.ends_with("PUBLIC KEY"))
    return {"public", Key{PEM_read_bio_PUBKEY(bio.get(), nullptr, refuse_password, nullptr)}};
  if (label != "CERTIFICATE" && label != "X509 CERTIFICATE" && label != "TRUSTED CERTIFICATE") return {"", nullptr};
  const Certificate certificate{PEM_read_bio_X509(bio.get(), nullptr, refuse_password, nullptr)};
  return {"certificate", Key{certificate ? X509_get_pubkey(certificate.get()) : nullptr}};
}

/// A file whose text is sound: what OpenSSL makes of it.
void examine(const std::string& bytes, KeyAnswer& answer) {
  OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  const auto parsed = parse(bytes, answer.label);
  if (parsed.kind.empty()) {
    answer.problem = "neither a key nor a certificate";
    return;
  }
  if (parsed.key == nullptr) {
    answer.problem = "the content is not a valid key";
    return;
  }
  answer.kind = parsed.kind;
  answer.algorithm = canonical_name(parsed.key.get());
  answer.bits = EVP_PKEY_get_bits(parsed.key.get());
  answer.fingerprint = fingerprint(parsed.key.get());
}

/// Files that are there but cannot be a key; "" for a failure to look.
std::string unusable(const ProbeFailure& failure) {
  if (failure.kind == FailureKind::too_large) return "larger than 64 kB";
  if (failure.code == "EISDIR") return "a directory instead of a file";
  if (failure.code == "FIFO") return "a named pipe instead of a file";
  if (failure.code == "SOCKET") return "a socket instead of a file";
  return failure.code == "DEVICE" ? "a device instead of a file" : "";
}

}  // namespace

Outcome<KeyAnswer> key(const KeyQuestion& question) {
  auto bytes = contents(question.path, formats::most_pem_bytes);
  KeyAnswer answer;
  if (!bytes) {
    answer.problem = unusable(bytes.error());
    if (answer.problem.empty()) return Failed{bytes.error()};
    return answer;
  }
  const auto report = formats::lint_pem(*bytes);
  answer.label = report.label;
  answer.problem = report.problem;
  answer.line = report.line;
  if (answer.problem.empty()) examine(*bytes, answer);
  OPENSSL_cleanse(bytes->data(), bytes->size());
  return answer;
}

}  // namespace doctor::probes::jobs
