#include "lab/check.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <set>
#include <stdexcept>

#include "lab/bundle.hpp"
#include "lab/files.hpp"
#include "lab/lab.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

using nlohmann::json;

bool any_skipped = false;

std::vector<std::string> findings_of(const json& report, bool root) {
  std::vector<std::string> found;
  for (const auto& finding : report.at("findings"))
    if (finding.at("root").get<bool>() == root)
      found.push_back(finding.at("entry").get<std::string>() + " " + finding.at("subject").get<std::string>());
  std::sort(found.begin(), found.end());
  return found;
}

const json* finding_at(const json& report, const std::string& entry, const std::string& subject) {
  for (const auto& finding : report.at("findings"))
    if (finding.at("entry") == entry && (subject.empty() || finding.at("subject") == subject)) return &finding;
  return nullptr;
}

void write_ledger(const Root& root) {
  const char* file = std::getenv("DOCTOR_LEDGER");
  if (file == nullptr || *file == '\0') return;
  std::ofstream ledger{file, std::ios::app};
  ledger << root.entry + "\t" + root.check + "\t" + Catch::getResultCapture().getCurrentTestName() + "\n";
}

CommandResult run_doctor(Arguments arguments, const CommandOptions& options) {
  arguments.insert(arguments.begin(), doctor_binary());
  return run(arguments, options);
}

void expect_safe(const CommandResult& run, const Secrets& secrets, const std::string& where) {
  secrets.expect_absent(run.out, where + ", standard output");
  secrets.expect_absent(run.err, where + ", standard error");
  expect_clean(run.out, where + ", standard output");
  expect_clean(run.err, where + ", standard error");
  CHECK(run.signal == 0);
}

}  // namespace

std::vector<std::string> Result::roots() const {
  return findings_of(report, true);
}

std::vector<std::string> Result::consequences() const {
  return findings_of(report, false);
}

std::vector<std::string> Result::unexamined() const {
  std::set<std::string> subjects;
  for (const auto& item : report.at("unexamined")) subjects.insert(item.at("subject").get<std::string>());
  return {subjects.begin(), subjects.end()};
}

const json& Result::finding(const std::string& entry) const {
  const auto* found = finding_at(report, entry, {});
  INFO(report.dump(2));
  if (found == nullptr) FAIL("no finding " + entry);
  return *found;
}

std::string Result::evidence(const std::string& entry, const std::string& name) const {
  for (const auto& item : finding(entry).at("evidence"))
    if (item.at("name") == name) return item.at("value").get<std::string>();
  FAIL("no evidence " + name + " of " + entry);
  return {};
}

std::vector<std::string> Result::causes_of(const std::string& entry) const {
  std::vector<std::string> causes;
  for (const auto& fingerprint : finding(entry).at("caused_by"))
    for (const auto& other : report.at("findings"))
      if (other.at("fingerprint") == fingerprint) causes.push_back(other.at("entry").get<std::string>());
  return causes;
}

void Secrets::add(const std::string& value) {
  const bool is_example = value.ends_with("...");  // of the documentation, which guides quote
  if (value.size() < 6 || is_example) return;
  for (auto& form : disguises(value)) forms_.push_back(std::move(form));
}

void Secrets::add_key(const std::string& pem) {
  std::string line;
  for (const char c : pem + "\n") {
    if (c != '\n') {
      line += c;
      continue;
    }
    if (line.find("-----") == std::string::npos) add(line);
    line.clear();
  }
}

void Secrets::expect_absent(const std::string& text, const std::string& where) const {
  for (const auto& form : forms_) {
    INFO(where);
    CHECK(text.find(form) == std::string::npos);
  }
}

void expect_clean(const std::string& text, const std::string& where) {
  const auto control = std::find_if(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\n') || byte == 0x7f;
  });
  INFO(where << ": control character at byte " << control - text.begin());
  CHECK(control == text.end());
}

Result check(const std::string& directory, const Secrets& secrets, const Arguments& arguments,
             const CommandOptions& options) {
  const Directory beside{"bundle", "/tmp"};  // whatever disk the lab fills
  const auto bundle = beside.path("run.tar.gz");
  if (options.uid && chown(beside.path().c_str(), *options.uid, *options.uid) != 0)
    throw std::runtime_error{"the directory for the bundle cannot be given away"};
  Arguments with_format{"check", directory, "--format", "json", "--bundle", bundle};
  with_format.insert(with_format.end(), arguments.begin(), arguments.end());
  Result result{run_doctor(with_format, options), {}};
  expect_safe(result.run, secrets, "json");
  result.report = json::parse(result.run.out, nullptr, false);
  INFO("exit " << result.run.exit << "\n" << result.run.out << result.run.err);
  REQUIRE(result.report.is_object());
  REQUIRE(result.report.at("schema") == "doctor-report/v1");
  CHECK(result.report.at("summary").at("exit_code") == result.run.exit);
  expect_safe_bundle(bundle, secrets);
  expect_same_from_bundle(bundle, secrets, result, arguments, options);
  return result;
}

std::string check_human(const std::string& directory, const Secrets& secrets, const Arguments& arguments) {
  Arguments all{"check", directory};
  all.insert(all.end(), arguments.begin(), arguments.end());
  auto result = run_doctor(all, {});
  expect_safe(result, secrets, "human");
  return std::move(result.out);
}

Result check(const ChatalotLab& lab, const Arguments& arguments) {
  Secrets secrets;
  secrets.add(lab.password());
  for (const auto* name : {"DB_PASSWORD", "TOTP_ENCRYPTION_KEY", "VAPID_PRIVATE_KEY"}) secrets.add(lab.value(name));
  const auto key = std::string{"secrets/jwt_private.pem"};
  if (lab.directory().exists(key)) secrets.add_key(lab.directory().read(key));
  return check(lab.directory().path(), secrets, arguments);
}

void expect_finding(const Result& result, const Root& expected) {
  const auto* finding = finding_at(result.report, expected.entry, expected.subject);
  INFO(result.report.dump(2));
  INFO("expected " << expected.entry << " " << expected.subject);
  REQUIRE(finding != nullptr);
  CHECK(finding->at("code") == expected.code);
  CHECK(finding->at("check") == expected.check);
  write_ledger(expected);
}

void expect_roots(const Result& result, const std::vector<Root>& roots, int exit) {
  std::vector<std::string> expected;
  for (const auto& root : roots) expected.push_back(root.entry + " " + root.subject);
  std::sort(expected.begin(), expected.end());
  INFO(result.report.dump(2));
  CHECK(result.roots() == expected);
  CHECK(result.run.exit == exit);
  for (const auto& root : roots) expect_finding(result, root);
}

void expect_consequence(const Result& result, const Root& expected, const std::string& cause) {
  expect_finding(result, expected);
  CHECK_FALSE(result.finding(expected.entry).at("root").get<bool>());
  const auto causes = result.causes_of(expected.entry);
  INFO(expected.entry << " is said to follow from " << (causes.empty() ? "nothing" : causes.front()));
  CHECK(std::find(causes.begin(), causes.end(), cause) != causes.end());
}

void expect_silent(const Result& result, int exit, const std::vector<std::string>& unexamined) {
  INFO(result.report.dump(2));
  CHECK(result.report.at("findings").empty());
  CHECK(result.unexamined() == unexamined);
  CHECK(result.run.exit == exit);
}

void skip(const std::string& reason) {
  any_skipped = true;
  std::cout << "skipped: " << Catch::getResultCapture().getCurrentTestName() << ": " << reason << std::endl;
  const char* ci = std::getenv("CI");
  if (ci != nullptr && std::string{ci} == "true") FAIL("skipped where CI is true: " + reason);
}

bool skipped() {
  return any_skipped;
}

}  // namespace doctor::lab
