#include "probes/http_tls.hpp"

#include <cstdlib>
#include <ctime>
#include <limits>
#include <new>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include "probes/transport_certificates.hpp"
#include "util/text.hpp"

namespace doctor::probes {
namespace {

int witness_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

std::string expiry_of(const X509* certificate) {
  std::tm parts{};
  if (certificate == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1) return {};
  return util::timestamp(timegm(&parts));
}

int verify(X509_STORE_CTX* context, void* argument) {
  auto& witness = *static_cast<TlsWitness*>(argument);
  const int accepted = X509_verify_cert(context);
  witness.verify_result = X509_STORE_CTX_get_error(context);
  if (accepted != 1) witness.expiry = expiry_of(X509_STORE_CTX_get_current_cert(context));
  return accepted;
}

void look(const SSL* ssl, int where, int value) {
  auto& witness = *static_cast<TlsWitness*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), witness_index()));
  if ((where & SSL_CB_HANDSHAKE_DONE) != 0 && !witness.done) witness.done = Deadline::Clock::now();
  if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT) witness.alert = value & 0xFF;
  if (where == SSL_CB_CONNECT_EXIT && value <= 0)
    if (const auto error = ERR_peek_error(); error != 0) witness.openssl_error = error;
}

bool is_other_protocol(unsigned long error) {
  if (ERR_GET_LIB(error) != ERR_LIB_SSL) return false;
  switch (ERR_GET_REASON(error)) {
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST:
    case SSL_R_UNKNOWN_PROTOCOL:
    case SSL_R_BAD_RECORD_TYPE:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
    case SSL_R_ENCRYPTED_LENGTH_TOO_LONG:
    case SSL_R_RECORD_LENGTH_MISMATCH:
      return true;
    default:
      return false;
  }
}

TlsReason refused_certificate(const TlsWitness& witness) {
  switch (witness.verify_result) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return {"certificate-expired", "the certificate has expired: " + witness.expiry};
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return {"certificate-not-yet-valid", "the certificate is not valid yet"};
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_UNTRUSTED:
    case X509_V_ERR_CERT_REJECTED:
      return {"certificate-untrusted", "the certificate is signed by an authority that is not trusted"};
    default:
      return {"certificate-invalid", util::shown(X509_verify_cert_error_string(witness.verify_result))};
  }
}

}  // namespace

void StoreDeleter::operator()(X509_STORE* store) const {
  X509_STORE_free(store);
}

CertificateStore load_certificate_store() {
  CertificateStore store{X509_STORE_new()};
  if (!store) throw std::bad_alloc{};
  const auto bundle = ca_bundle();
  const char* directory = std::getenv("SSL_CERT_DIR");
  if (!bundle.empty()) X509_STORE_load_file(store.get(), bundle.c_str());
  if (directory != nullptr && *directory != '\0') X509_STORE_load_path(store.get(), directory);
  if (bundle.empty() && directory == nullptr) X509_STORE_set_default_paths(store.get());
  X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN);  // a trusted leaf or intermediate is enough
  ERR_clear_error();
  return store;
}

std::size_t add_certificates(X509_STORE& store, std::string_view pem) {
  constexpr std::size_t most = std::numeric_limits<int>::max();
  if (pem.size() > most) return 0;
  const std::unique_ptr<BIO, decltype(&BIO_free)> text{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                       BIO_free};
  if (!text) throw std::bad_alloc{};
  std::size_t count = 0;
  for (;;) {
    const std::unique_ptr<X509, decltype(&X509_free)> certificate{
        PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr), X509_free};
    if (!certificate) break;
    if (X509_STORE_add_cert(&store, certificate.get()) == 1) ++count;
  }
  ERR_clear_error();
  return count;
}

void TlsWitness::attach(SSL_CTX* context, X509_STORE* store) {
  SSL_CTX_set1_cert_store(context, store);
  SSL_CTX_set_cert_verify_callback(context, verify, this);
  SSL_CTX_set_ex_data(context, witness_index(), this);
  SSL_CTX_set_info_callback(context, look);
}

TlsReason reason_of(const TlsWitness& witness) {
  if (witness.verify_result != X509_V_OK) return refused_certificate(witness);
  if (witness.done) return {"certificate-name", "the certificate is for another name"};
  if (is_other_protocol(witness.openssl_error)) return {"not-tls", "the port does not speak TLS"};
  if (witness.alert >= 0)
    return {"handshake",
            "the server refused the TLS handshake: " + util::shown(SSL_alert_desc_string_long(witness.alert))};
  return {"handshake", "the TLS handshake failed"};
}

}  // namespace doctor::probes
