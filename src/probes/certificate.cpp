#include "probes/certificate.hpp"

#include <array>
#include <ctime>
#include <memory>
#include <string_view>
#include <utility>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "probes/http_proxy.hpp"
#include "probes/http_tls.hpp"
#include "probes/tls_client.hpp"
#include "probes/transport.hpp"
#include "util/text.hpp"

namespace doctor::probes {
namespace {

constexpr std::size_t most_name = 253;  // RFC 1035, 2.3.4
constexpr int most_names = 100;

std::int64_t seconds_of(const ASN1_TIME* time) {
  std::tm parts{};
  return time != nullptr && ASN1_TIME_to_tm(time, &parts) == 1 ? static_cast<std::int64_t>(timegm(&parts)) : 0;
}

std::string text_of(const ASN1_STRING* text) {
  unsigned char* utf8 = nullptr;
  const int size = text == nullptr ? -1 : ASN1_STRING_to_UTF8(&utf8, text);
  if (size < 0) return {};
  const std::unique_ptr<unsigned char, void (*)(unsigned char*)> owner{utf8, [](unsigned char* p) { OPENSSL_free(p); }};
  std::string bytes;
  for (int i = 0; i < size; ++i) bytes += static_cast<char>(utf8[i]);
  return util::shown(bytes, most_name);
}

/// The first part of that kind in a distinguished name.
std::string part_of(const X509_NAME* name, int nid) {
  const int at = X509_NAME_get_index_by_NID(name, nid, -1);
  return at < 0 ? std::string{} : text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
}

std::string shown_name(const X509_NAME* name) {
  auto text = part_of(name, NID_commonName);
  return text.empty() ? part_of(name, NID_organizationName) : text;
}

std::string address_of(const ASN1_OCTET_STRING* bytes) {
  const auto size = ASN1_STRING_length(bytes);
  const auto* data = ASN1_STRING_get0_data(bytes);
  constexpr int ipv4 = 4;
  std::string text;
  for (int i = 0; i < size && size == ipv4; ++i) text += (i == 0 ? "" : ".") + std::to_string(data[i]);
  return text.empty() ? "an IPv6 address" : text;
}

std::vector<std::string> names_of(const X509* certificate) {
  std::vector<std::string> names;
  auto* list =
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));  // owned
  for (int i = 0; i < sk_GENERAL_NAME_num(list) && i < most_names; ++i) {
    const auto* name = sk_GENERAL_NAME_value(list, i);
    if (name->type == GEN_DNS) names.push_back(text_of(name->d.dNSName));
    if (name->type == GEN_IPADD) names.push_back(address_of(name->d.iPAddress));
  }
  GENERAL_NAMES_free(list);
  return names;
}

bool is_self_signed(X509* certificate) {
  return X509_NAME_cmp(X509_get_subject_name(certificate), X509_get_issuer_name(certificate)) == 0;
}

/// Authorities that everybody trusts write into each certificate where that of its issuer can be had (RFC 5280,
/// 4.2.2.1); one that somebody made for himself has no such note.
bool tells_its_issuer(const X509* certificate) {
  auto* access = static_cast<AUTHORITY_INFO_ACCESS*>(X509_get_ext_d2i(certificate, NID_info_access, nullptr, nullptr));
  bool found = false;
  for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(access); ++i)
    found = found || OBJ_obj2nid(sk_ACCESS_DESCRIPTION_value(access, i)->method) == NID_ad_ca_issuers;
  AUTHORITY_INFO_ACCESS_free(access);
  return found;
}

std::string name_of(int error) {
  constexpr std::array<std::pair<int, std::string_view>, 8> names{
      {{X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, "UNABLE_TO_GET_ISSUER_CERT"},
       {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"},
       {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, "UNABLE_TO_VERIFY_LEAF_SIGNATURE"},
       {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, "DEPTH_ZERO_SELF_SIGNED_CERT"},
       {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, "SELF_SIGNED_CERT_IN_CHAIN"},
       {X509_V_ERR_CERT_HAS_EXPIRED, "CERT_HAS_EXPIRED"},
       {X509_V_ERR_CERT_NOT_YET_VALID, "CERT_NOT_YET_VALID"},
       {X509_V_ERR_INVALID_CA, "INVALID_CA"}}};
  for (const auto& [code, name] : names)
    if (code == error) return std::string{name};
  return "X509_V_ERR_" + std::to_string(error);
}

bool misses_issuer(int error) {
  return error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT || error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
         error == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE;
}

void describe_verdict(const TlsWitness& witness, STACK_OF(X509) * chain, CertificateAnswer& answer) {
  const int error = witness.verify_result;
  if (error == X509_V_OK) return;
  answer.problem = name_of(error);
  answer.reason = util::shown(X509_verify_cert_error_string(error));
  auto* last = answer.chain > 0 ? sk_X509_value(chain, answer.chain - 1) : nullptr;
  if (misses_issuer(error) && last != nullptr && !is_self_signed(last) && tells_its_issuer(last))
    answer.problem = "CHAIN_INCOMPLETE";
}

bool is_for(X509* certificate, const std::string& name) {
  if (X509_check_ip_asc(certificate, name.c_str(), 0) == 1) return true;
  return X509_check_host(certificate, name.data(), name.size(), 0, nullptr) == 1;
}

CertificateAnswer describe(const TlsStream& stream, const std::string& name) {
  CertificateAnswer answer;
  answer.address = stream.address();
  answer.protocol = SSL_get_version(stream.ssl());
  const std::unique_ptr<X509, decltype(&X509_free)> leaf{SSL_get1_peer_certificate(stream.ssl()), X509_free};
  if (!leaf) return answer;
  auto* chain = SSL_get_peer_cert_chain(stream.ssl());
  answer.names = names_of(leaf.get());
  answer.subject = shown_name(X509_get_subject_name(leaf.get()));
  if (answer.subject.empty() && !answer.names.empty()) answer.subject = answer.names.front();
  answer.issuer = shown_name(X509_get_issuer_name(leaf.get()));
  answer.not_before = seconds_of(X509_get0_notBefore(leaf.get()));
  answer.not_after = seconds_of(X509_get0_notAfter(leaf.get()));
  answer.self_signed = is_self_signed(leaf.get());
  answer.chain = chain == nullptr ? 0 : sk_X509_num(chain);
  answer.name_matches = is_for(leaf.get(), name);
  describe_verdict(stream.witness(), chain, answer);
  return answer;
}

/// A server that knows nothing newer than TLS 1.1 is told from one that breaks off for another reason.
ProbeFailure explained(ProbeFailure failure, const TlsWitness& witness) {
  constexpr int protocol_version = 70;  // alert of RFC 8446, 6
  const auto error = witness.openssl_error;
  const bool too_old = witness.alert == protocol_version ||
                       (ERR_GET_LIB(error) == ERR_LIB_SSL && ERR_GET_REASON(error) == SSL_R_UNSUPPORTED_PROTOCOL);
  if (failure.code != "handshake" || !too_old) return failure;
  failure.code = "protocol-version";
  failure.detail = "the server knows no version of TLS from 1.2 on";
  return failure;
}

}  // namespace

Outcome<CertificateAnswer> CertificateProbe::ask(const CertificateQuestion& question, const Deadline& deadline) {
  const auto& name = question.name.empty() ? question.host : question.name;
  const auto store = authorities_.store(question.vantage, question.authorities);
  if (!store) return Failed{store.error()};
  return vantages_.at<CertificateAnswer>(question.vantage, [&](Resolver& resolver) -> Outcome<CertificateAnswer> {
    auto connection = dial_through(resolver, {question.proxy, question.host, question.port, true}, deadline);
    if (!connection) return Failed{std::move(connection.error())};
    TlsStream stream{std::move(*connection)};
    const auto done = stream.handshake(name, *store, deadline, TlsStream::Verify::reported);
    if (!done) return Failed{explained(done.error(), stream.witness())};
    return describe(stream, name);
  });
}

}  // namespace doctor::probes
