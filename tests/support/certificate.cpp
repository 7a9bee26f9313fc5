#include "support/certificate.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <random>
#include <stdexcept>

namespace doctor::test {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using X509Owner = std::unique_ptr<X509, decltype(&X509_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

constexpr long day = 24L * 60 * 60;

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(length)};
}

std::string pem(X509* certificate) {
  const Bio bio{BIO_new(BIO_s_mem()), BIO_free};
  PEM_write_bio_X509(bio.get(), certificate);
  return text_of(bio.get());
}

std::string pem(EVP_PKEY* key) {
  const Bio bio{BIO_new(BIO_s_mem()), BIO_free};
  PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return text_of(bio.get());
}

void add_extension(X509* certificate, int nid, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
  if (extension == nullptr) throw std::runtime_error{"bad certificate extension"};
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

std::string alternative_names(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) {
    const bool numeric =
        name.find_first_not_of("0123456789.") == std::string::npos || name.find(':') != std::string::npos;
    out += (out.empty() ? "" : ",") + std::string{numeric ? "IP:" : "DNS:"} + name;
  }
  return out;
}

}  // namespace

Certificate make_certificate(const std::vector<std::string>& names, int from_days, int to_days,
                             const Certificate* issuer, const std::string& issuer_url) {
  const Key key{EVP_EC_gen("P-256"), EVP_PKEY_free};
  const X509Owner made{X509_new(), X509_free};
  X509_set_version(made.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), static_cast<long>(std::random_device{}() >> 1U));
  X509_gmtime_adj(X509_getm_notBefore(made.get()), from_days * day);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), to_days * day);
  X509_set_pubkey(made.get(), key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(names.at(0).c_str()), -1, -1, 0);
  add_extension(made.get(), NID_subject_alt_name, alternative_names(names));
  if (!issuer_url.empty()) add_extension(made.get(), NID_info_access, "caIssuers;URI:" + issuer_url);
  if (issuer == nullptr) {
    add_extension(made.get(), NID_basic_constraints, "critical,CA:TRUE");
    X509_set_issuer_name(made.get(), X509_get_subject_name(made.get()));
    X509_sign(made.get(), key.get(), EVP_sha256());
    return {pem(made.get()), pem(key.get())};
  }
  const Bio certificate_text{BIO_new_mem_buf(issuer->certificate.data(), static_cast<int>(issuer->certificate.size())),
                             BIO_free};
  const Bio key_text{BIO_new_mem_buf(issuer->key.data(), static_cast<int>(issuer->key.size())), BIO_free};
  const X509Owner authority{PEM_read_bio_X509(certificate_text.get(), nullptr, nullptr, nullptr), X509_free};
  const Key authority_key{PEM_read_bio_PrivateKey(key_text.get(), nullptr, nullptr, nullptr), EVP_PKEY_free};
  X509_set_issuer_name(made.get(), X509_get_subject_name(authority.get()));
  X509_sign(made.get(), authority_key.get(), EVP_sha256());
  return {pem(made.get()), pem(key.get())};
}

}  // namespace doctor::test
