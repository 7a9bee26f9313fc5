#include "checks/database/facts.hpp"
#include "doctor/codes/database.hpp"
#include "doctor/format/text.hpp"

namespace doctor::checks::database_check {
namespace {

using namespace std::string_view_literals;

/// A finding about the server (its endpoint) or about the login (the setting with the URL).
class Report {
 public:
  Report(const SourceFacts& facts, const ProbeFailure& failure, Judgement& out)
      : facts_{facts}, failure_{failure}, out_{out} {
    address_ = failure.address.empty() ? facts.address() : failure.address;
  }

  void about_server(Code code, std::vector<Evidence> more = {}) { add(code, facts_.source.endpoint, std::move(more)); }
  void about_login(Code code, std::vector<Evidence> more = {}) { add(code, facts_.source.setting, std::move(more)); }

  void not_seen(const std::string& reason) { out_.unexamined.push_back({facts_.source.endpoint, reason}); }

  void about_url() {
    out_.findings.emplace_back(codes::database_url_invalid, facts_.source.setting,
                               std::vector<Evidence>{setting(), reason(), {"where", facts_.where, {}, {}}});
  }

  Evidence item(std::string name, std::string value) const {
    return {std::move(name), std::move(value), address_, facts_.source.dial.vantage};
  }
  Evidence setting() const {
    return item("setting", facts_.source.setting.substr(facts_.source.setting.rfind('/') + 1));
  }
  Evidence reason() const {
    return item("reason",
                formats::shown(failure_.detail.empty() ? std::string{to_string(failure_.kind)} : failure_.detail));
  }
  Evidence state() const { return item("sqlstate", formats::shown(failure_.code)); }
  Evidence user() const { return item("user", formats::shown(facts_.source.user)); }

 private:
  void add(Code code, const std::string& subject, std::vector<Evidence> more) {
    std::vector<Evidence> evidence;
    if (code != codes::database_name_not_resolved) evidence.push_back(item("address", address_));
    for (auto& one : more) evidence.push_back(std::move(one));
    out_.findings.emplace_back(code, subject, std::move(evidence));
  }

  const SourceFacts& facts_;
  const ProbeFailure& failure_;
  Judgement& out_;
  std::string address_;
};

/// The server has no line for this user that does without TLS, and the URL forbids TLS. PostgreSQL adds "no encryption"
/// (14) or "SSL off" to what it says of its pg_hba.conf.
bool wants_tls(const SourceFacts& facts, const ProbeFailure& failure) {
  const auto says = [&](std::string_view words) { return failure.detail.find(words) != std::string::npos; };
  return failure.code == "28000" && facts.source.tls_mode == "disable" && (says("no encryption") || says("SSL off"));
}

/// Refusals in the server's own words (PostgreSQL manual, appendix A). False: not one of them.
bool judge_refusal(const SourceFacts& facts, const ProbeFailure& failure, Report& report) {
  const auto& code = failure.code;
  if (code == "28P01" || code == "no-password")
    report.about_login(codes::database_auth_failed, {report.user(), report.state(), report.setting()});
  else if (wants_tls(facts, failure))
    report.about_login(codes::database_tls_required, {report.user(), report.reason()});
  else if (code == "42501" || code.starts_with("28"))
    report.about_login(codes::database_access_denied, {report.user(), report.state(), report.reason()});
  else if (code == "3D000")
    report.about_login(codes::database_missing,
                       {report.item("database", formats::shown(facts.source.database)), report.state()});
  else if (code == "53300")
    report.about_server(codes::database_connections_exhausted, {report.state()});
  else if (code.size() == 5 && code.starts_with("57P0"))
    report.about_server(codes::database_starting, {report.state()});
  else
    return false;
  return true;
}

}  // namespace

void judge_login(const SourceFacts& facts, const ProbeFailure& failure, Judgement& out) {
  if (formats::doctors_own(failure.kind) || failure.code == "no-url") return note_refusal(facts, failure, out);
  Report report{facts, failure, out};
  if (failure.code == "invalid-url") return report.about_url();
  if (judge_refusal(facts, failure, report)) return;
  // A name server that does not answer is no database that does not answer.
  const bool no_name = failure.kind == FailureKind::timed_out && failure.phase == "resolve";
  switch (no_name ? FailureKind::name_not_resolved : failure.kind) {
    case FailureKind::name_not_resolved:
      return report.about_server(codes::database_name_not_resolved,
                                 {report.item("host", formats::shown(facts.source.dial.host)), report.setting()});
    case FailureKind::refused:
      if (!facts.source.dial.doubt.empty()) return report.not_seen(facts.source.dial.doubt);
      return report.about_server(codes::database_refused, {report.setting()});
    case FailureKind::timed_out:
      return report.about_server(codes::database_no_answer, {report.item("waited", formats::seconds(failure.waited))});
    case FailureKind::unreachable:
      return report.about_server(codes::database_unreachable, {report.reason()});
    case FailureKind::tls_rejected: {
      const auto mode = facts.source.tls_mode.empty() ? "prefer" : facts.source.tls_mode;
      return report.about_server(codes::database_tls_rejected,
                                 {report.item("mode", formats::shown(mode)), report.reason()});
    }
    case FailureKind::auth_rejected:
      return report.about_login(codes::database_access_denied, {report.user(), report.state(), report.reason()});
    default:
      return report.about_server(codes::database_protocol_error, {report.reason()});
  }
}

}  // namespace doctor::checks::database_check
