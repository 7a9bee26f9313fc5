#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "doctor/probe/question.hpp"

namespace doctor {

/// Addresses of a name, as programs on the host get them (NSS, getaddrinfo). Limit 3 s.
struct ResolveAnswer {
  std::vector<std::string> addresses;  ///< numeric, in the resolver's order
};
struct ResolveQuestion {
  static constexpr std::string_view probe = "resolve";
  using Answer = ResolveAnswer;
  std::string name;
  std::string vantage{host_vantage};
};

/// Whether something accepts a TCP connection. Limit 3 s for all addresses of the name together.
struct TcpAnswer {
  std::string address;  ///< the address that accepted, "127.0.0.1:5432" or "[::1]:5432"
  std::chrono::milliseconds took{0};
};
struct TcpQuestion {
  static constexpr std::string_view probe = "tcp";
  using Answer = TcpAnswer;
  std::string host;
  std::uint16_t port = 0;
  std::string vantage{host_vantage};
};

/// A header of a request whose value is a secret: the value of a setting, which only the probe reveals.
struct SecretHeader {
  std::string name;     ///< "apikey"
  std::string prefix;   ///< "Bearer "; may be empty
  std::string setting;  ///< subject
};

/// One HTTP request, GET or HEAD, without following redirects. Limits: connect 3 s, TLS 5 s, answer `limit`;
/// 64 KB of headers, 8 MB of body after decoding.
struct HttpAnswer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case, in order of arrival
  std::string body;
  std::string address;
  std::chrono::milliseconds took{0};

  /// The first header of that (lower-case) name, or "".
  std::string header(std::string_view name) const;
};
struct HttpQuestion {
  static constexpr std::string_view probe = "http";
  using Answer = HttpAnswer;
  std::string url;
  std::string method = "GET";
  std::vector<std::pair<std::string, std::string>> headers;
  std::chrono::milliseconds limit{8000};
  std::string vantage{host_vantage};
  std::vector<SecretHeader> secrets{};
  std::string proxy{};        ///< "host:port" of an HTTP proxy to go through (CONNECT for https); empty: none
  std::string authorities{};  ///< file of further trusted certificates (PEM), as seen at the vantage; empty: none
};

/// The certificate that a server presents, whether a client would accept it or not. Limits: connect 3 s, TLS 5 s.
struct CertificateAnswer {
  std::string subject;             ///< common name, or the first name
  std::vector<std::string> names;  ///< subject alternative names
  std::string issuer;              ///< common name or organisation
  std::int64_t not_before = 0;     ///< seconds since 1970
  std::int64_t not_after = 0;
  bool self_signed = false;
  int chain = 0;        ///< certificates that the server sent
  std::string problem;  ///< OpenSSL's name of why the chain is refused, "CERT_HAS_EXPIRED", or "CHAIN_INCOMPLETE": the
                        ///< server keeps back an issuer that a public authority offers; empty: it is accepted
  std::string reason;   ///< the same in words; empty: it is accepted
  bool name_matches = false;
  std::string protocol;  ///< "TLSv1.3"
  std::string address;
};
struct CertificateQuestion {
  static constexpr std::string_view probe = "certificate";
  using Answer = CertificateAnswer;
  std::string host;  ///< to connect to
  std::uint16_t port = 0;
  std::string name;  ///< to ask for (SNI) and to compare with; empty: `host`
  std::string vantage{host_vantage};
  std::string proxy{};        ///< as in HttpQuestion
  std::string authorities{};  ///< as in HttpQuestion
};

template <class Field>
constexpr void each_field(Field&& field, CertificateAnswer& answer) {
  field("subject", answer.subject);
  field("names", answer.names);
  field("issuer", answer.issuer);
  field("not_before", answer.not_before);
  field("not_after", answer.not_after);
  field("self_signed", answer.self_signed);
  field("chain", answer.chain);
  field("problem", answer.problem);
  field("reason", answer.reason);
  field("name_matches", answer.name_matches);
  field("protocol", answer.protocol);
  field("address", answer.address);
}
template <class Field>
constexpr void each_field(Field&& field, CertificateQuestion& question) {
  field("host", question.host);
  field("port", question.port);
  field("name", question.name);
  field("vantage", question.vantage);
  field("proxy", question.proxy);
  field("authorities", question.authorities);
}
template <class Field>
constexpr void each_field(Field&& field, ResolveAnswer& answer) {
  field("addresses", answer.addresses);
}
template <class Field>
constexpr void each_field(Field&& field, ResolveQuestion& question) {
  field("name", question.name);
  field("vantage", question.vantage);
}
template <class Field>
constexpr void each_field(Field&& field, TcpAnswer& answer) {
  field("address", answer.address);
  field("took", answer.took);
}
template <class Field>
constexpr void each_field(Field&& field, TcpQuestion& question) {
  field("host", question.host);
  field("port", question.port);
  field("vantage", question.vantage);
}
template <class Field>
constexpr void each_field(Field&& field, HttpAnswer& answer) {
  field("status", answer.status);
  field("headers", answer.headers);
  field("body", answer.body);
  field("address", answer.address);
  field("took", answer.took);
}
template <class Field>
constexpr void each_field(Field&& field, SecretHeader& header) {
  field("name", header.name);
  field("prefix", header.prefix);
  field("setting", header.setting);
}
template <class Field>
constexpr void each_field(Field&& field, HttpQuestion& question) {
  field("url", question.url);
  field("method", question.method);
  field("headers", question.headers);
  field("limit", question.limit);
  field("vantage", question.vantage);
  field("secrets", question.secrets);
  field("proxy", question.proxy);
  field("authorities", question.authorities);
}

}  // namespace doctor
