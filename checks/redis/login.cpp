#include "checks/redis/facts.hpp"
#include "doctor/codes/redis.hpp"
#include "doctor/format/text.hpp"

namespace doctor::checks::redis_check {
namespace {

/// A finding about the server (its endpoint) or about the login (the setting with the URL).
class Report {
 public:
  Report(const SourceFacts& facts, const ProbeFailure& failure, Judgement& out)
      : facts_{facts}, failure_{failure}, out_{out} {
    address_ = failure.address.empty() ? facts.address() : failure.address;
  }

  void about_server(Code code, std::vector<Evidence> more = {}) { add(code, facts_.source.endpoint, std::move(more)); }
  void about_login(Code code, std::vector<Evidence> more = {}) { add(code, facts_.source.setting, std::move(more)); }

  void about_name() {
    out_.findings.emplace_back(codes::redis_name_not_resolved, facts_.source.endpoint,
                               std::vector<Evidence>{item("host", formats::shown(facts_.source.dial.host)), setting()});
  }
  void about_url() {
    out_.findings.emplace_back(codes::redis_url_invalid, facts_.source.setting,
                               std::vector<Evidence>{setting(), reason(), {"where", facts_.where, {}, {}}});
  }

  Evidence item(std::string name, std::string value) const {
    return {std::move(name), std::move(value), address_, facts_.source.dial.vantage};
  }
  Evidence setting() const { return item("setting", facts_.name()); }
  Evidence reason() const {
    return item("reason",
                formats::shown(failure_.detail.empty() ? std::string{to_string(failure_.kind)} : failure_.detail));
  }
  Evidence problem() const { return item("problem", formats::shown(failure_.code)); }
  Evidence user() const {
    return item("user", facts_.source.user.empty() ? "default" : formats::shown(facts_.source.user));
  }

 private:
  void add(Code code, const std::string& subject, std::vector<Evidence> more) {
    std::vector<Evidence> evidence{item("address", address_)};
    for (auto& one : more) evidence.push_back(std::move(one));
    out_.findings.emplace_back(code, subject, std::move(evidence));
  }

  const SourceFacts& facts_;
  const ProbeFailure& failure_;
  Judgement& out_;
  std::string address_;
};

/// The server knows who asks, or wants to. False: not one of these refusals.
bool judge_identity(const ProbeFailure& failure, const SourceFacts& facts, Report& report) {
  const auto& code = failure.code;
  if (code == "NOAUTH")
    report.about_login(codes::redis_auth_required, {report.setting()});
  else if (code == "WRONGPASS")
    report.about_login(codes::redis_auth_failed, {report.user(), report.setting()});
  else if (code == "NOPASS")
    report.about_login(codes::redis_password_unexpected, {report.user(), report.setting()});
  else if (code == "NOPERM")
    report.about_login(codes::redis_permission_missing, {report.user(), report.reason()});
  else if (code == "DBINDEX")
    report.about_login(codes::redis_database_index_invalid,
                       {report.item("database", formats::shown(facts.source.database)), report.setting()});
  else
    return false;
  return true;
}

/// The server accepts nobody now. False: not one of these refusals.
bool judge_availability(const ProbeFailure& failure, Report& report) {
  const auto& code = failure.code;
  if (code == "DENIED")
    report.about_server(codes::redis_protected_mode);
  else if (code == "LOADING")
    report.about_server(codes::redis_loading);
  else if (code == "MASTERDOWN")
    report.about_server(codes::redis_master_down);
  else if (code == "MAXCLIENTS")
    report.about_server(codes::redis_clients_exhausted);
  else if (code == "MISCONF")
    report.about_server(codes::redis_write_blocked, {report.reason()});
  else
    return false;
  return true;
}

/// Both sides speak, but only one of them TLS. False: something else.
bool judge_tls(const ProbeFailure& failure, Report& report) {
  if (failure.code == "tls-expected") {
    report.about_login(codes::redis_plain_on_tls_port, {report.setting()});
    return true;
  }
  if (failure.kind != FailureKind::tls_rejected) return false;
  if (failure.code == "not-tls")
    report.about_login(codes::redis_tls_on_plain_port, {report.setting()});
  else
    report.about_server(codes::redis_tls_rejected, {report.problem(), report.reason()});
  return true;
}

}  // namespace

void judge_login(const SourceFacts& facts, const ProbeFailure& failure, Judgement& out) {
  if (formats::doctors_own(failure.kind) || failure.code == "no-url")
    return note_unseen(facts, formats::describe(failure), out);
  Report report{facts, failure, out};
  if (failure.code == "invalid-url") return report.about_url();
  if (judge_identity(failure, facts, report) || judge_availability(failure, report) || judge_tls(failure, report))
    return;
  switch (failure.kind) {
    case FailureKind::name_not_resolved:
      return report.about_name();
    case FailureKind::refused:
      if (failure.phase == "answer") return report.about_server(codes::redis_not_redis, {report.reason()});
      if (!facts.source.dial.doubt.empty()) return note_unseen(facts, facts.source.dial.doubt, out);
      return report.about_server(codes::redis_refused, {report.setting()});
    case FailureKind::timed_out:
      return report.about_server(codes::redis_no_answer, {report.item("waited", formats::seconds(failure.waited))});
    case FailureKind::unreachable:
      return report.about_server(codes::redis_unreachable, {report.reason()});
    default:
      return report.about_server(codes::redis_not_redis, {report.reason()});
  }
}

}  // namespace doctor::checks::redis_check
