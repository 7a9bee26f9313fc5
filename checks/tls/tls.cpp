#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "doctor/check.hpp"
#include "doctor/codes/tls.hpp"
#include "doctor/format/text.hpp"
#include "doctor/outside.hpp"

namespace doctor::checks {
namespace {

// ---- facts

/// One address that is to be spoken to with TLS.
struct ServerFacts {
  std::string endpoint;  ///< subject
  std::string url;
  std::string host;
  std::uint16_t port = 0;
  std::optional<Outcome<CertificateAnswer>> certificate;
};

struct Facts {
  std::vector<ServerFacts> servers;
  Outcome<ClockAnswer> clock;
};

// ---- observe

std::vector<ServerFacts> servers_of(const Deployment& deployment) {
  std::vector<ServerFacts> servers;
  for (const auto& base : deployment.http)
    if (base.url.starts_with("https://"))
      servers.push_back({base.endpoint, base.url, base.dial.host, base.dial.port, {}});
  for (const auto& url : deployment.public_urls)
    if (url.tls && !is_kept_from(deployment, url.host))
      servers.push_back({url.endpoint, url.url, url.host, url.port, {}});
  return servers;
}

Facts observe(const Context& context) {
  Facts facts{servers_of(context.deployment), ClockAnswer{}};
  if (facts.servers.empty()) return facts;
  facts.clock = context.ask(ClockQuestion{});
  for (auto& server : facts.servers) {
    CertificateQuestion question;
    question.host = server.host;
    question.port = server.port;
    server.certificate = context.ask(question);
  }
  return facts;
}

// ---- diagnose

constexpr std::int64_t a_day = 24 * 60 * 60;

/// Certificates that programs make for themselves until they are given a proper one.
bool is_default(const CertificateAnswer& certificate) {
  constexpr std::array<std::string_view, 2> subjects{"TRAEFIK DEFAULT CERT",
                                                     "Kubernetes Ingress Controller Fake Certificate"};
  return std::find(subjects.begin(), subjects.end(), certificate.subject) != subjects.end();
}

class Judge {
 public:
  Judge(const ServerFacts& server, Judgement& out) : server_{server}, out_{out} {}

  void failure(const ProbeFailure& failure) {
    const auto reason = formats::shown(failure.detail.empty() ? std::string{to_string(failure.kind)} : failure.detail);
    if (formats::doctors_own(failure.kind))
      return out_.unexamined.push_back({server_.endpoint, formats::describe(failure)});
    address_ = failure.address;
    if (failure.code == "not-tls") return report(codes::tls_not_spoken, {});
    if (failure.code == "protocol-version") return report(codes::tls_protocol_old, {});
    if (failure.kind == FailureKind::tls_rejected || failure.phase == "tls")
      return report(codes::tls_handshake_failed, {item("reason", reason)});
    out_.skipped.push_back({server_.endpoint, formats::describe(failure)});  // the check `health` says so
  }

  void certificate(const CertificateAnswer& certificate, const Outcome<ClockAnswer>& clock) {
    address_ = certificate.address;
    const auto before = out_.findings.size();
    if (clock) judge_dates(certificate, clock->now);
    if (is_default(certificate)) {
      report(codes::tls_default_certificate, {item("subject", formats::shown(certificate.subject))});
    } else {
      judge_name(certificate);
      judge_chain(certificate);
    }
    if (!clock) return out_.unexamined.push_back({server_.endpoint, formats::describe(clock.error())});
    if (out_.findings.size() == before)
      out_.healthy.push_back({server_.endpoint, formats::shown(certificate.protocol, 20) + ", certificate of " +
                                                    formats::shown(certificate.issuer, 60) + " until " +
                                                    formats::timestamp(certificate.not_after)});
  }

 private:
  Evidence item(std::string name, std::string value) const {
    return {std::move(name), std::move(value), address_, std::string{host_vantage}};
  }

  void report(Code code, std::vector<Evidence> evidence) {
    evidence.insert(evidence.begin(), item("url", formats::shown(server_.url)));
    out_.findings.emplace_back(code, server_.endpoint, std::move(evidence));
  }

  /// Renewal is due when a third of the lifetime is left; two weeks are enough for the longer ones.
  void judge_dates(const CertificateAnswer& certificate, std::int64_t now) {
    constexpr std::int64_t two_weeks = 14 * a_day;
    const auto left = certificate.not_after - now;
    const auto until = item("until", formats::timestamp(certificate.not_after));
    if (certificate.not_before > now)
      report(codes::tls_certificate_not_yet_valid, {item("from", formats::timestamp(certificate.not_before))});
    else if (left <= 0)
      report(codes::tls_certificate_expired, {until, item("since", formats::duration(-left))});
    else if (left < std::min(two_weeks, (certificate.not_after - certificate.not_before) / 3))
      report(codes::tls_certificate_expires_soon, {until, item("left", formats::duration(left))});
  }

  void judge_name(const CertificateAnswer& certificate) {
    if (certificate.name_matches) return;
    constexpr std::size_t most_names = 5;
    auto names = certificate.names;
    if (names.empty()) names.push_back(certificate.subject);
    if (names.size() > most_names) names.resize(most_names);
    report(codes::tls_certificate_name_mismatch, {item("host", formats::shown(server_.host)),
                                                  item("names", formats::shown(formats::join(names, ", "), 300))});
  }

  void judge_chain(const CertificateAnswer& certificate) {
    const auto& problem = certificate.problem;
    const bool about_dates = problem == "CERT_HAS_EXPIRED" || problem == "CERT_NOT_YET_VALID";
    if (problem.empty() || (about_dates && said_dates())) return;
    const auto issuer = item("issuer", formats::shown(certificate.issuer));
    if (problem == "CHAIN_INCOMPLETE") return report(codes::tls_chain_incomplete, {issuer});
    report(codes::tls_certificate_untrusted,
           {issuer,
            item("reason", formats::shown(certificate.self_signed ? "it is signed by itself" : certificate.reason))});
  }

  bool said_dates() const {
    return std::any_of(out_.findings.begin(), out_.findings.end(), [&](const Finding& finding) {
      return finding.subject == server_.endpoint && (finding.code == codes::tls_certificate_expired.text() ||
                                                     finding.code == codes::tls_certificate_not_yet_valid.text());
    });
  }

  const ServerFacts& server_;
  Judgement& out_;
  std::string address_;
};

Judgement diagnose(const Facts& facts) {
  Judgement out;
  for (const auto& server : facts.servers) {
    Judge judge{server, out};
    if (!*server.certificate)
      judge.failure(server.certificate->error());
    else
      judge.certificate(**server.certificate, facts.clock);
  }
  return out;
}

Judgement run(const Context& context) {
  auto out = diagnose(observe(context));
  for (auto& kept : kept_public_urls(context.deployment)) out.skipped.push_back(std::move(kept));
  return out;
}

constexpr std::array codes_of_tls{codes::tls_not_spoken,
                                  codes::tls_protocol_old,
                                  codes::tls_handshake_failed,
                                  codes::tls_certificate_expired,
                                  codes::tls_certificate_expires_soon,
                                  codes::tls_certificate_not_yet_valid,
                                  codes::tls_certificate_name_mismatch,
                                  codes::tls_certificate_untrusted,
                                  codes::tls_chain_incomplete,
                                  codes::tls_default_certificate};

}  // namespace

extern const CheckInfo tls{"tls", "certificates are valid, trusted and for the names in use", {}, {}, codes_of_tls,
                           run};

}  // namespace doctor::checks
