// What else must not leave in a bundle, what it takes along of what the user decided, and what it refuses.

#include <algorithm>
#include <filesystem>
#include <regex>

#include "lab/bundle.hpp"
#include "lab/files_case.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

using nlohmann::json;

CommandResult doctor_run(Arguments arguments) {
  arguments.insert(arguments.begin(), doctor_binary());
  return run(arguments);
}

json report_of(const CommandResult& result) {
  INFO(result.err);
  auto report = json::parse(result.out, nullptr, false);
  REQUIRE(report.is_object());
  return report;
}

/// "entry check severity ignored" of each finding, sorted: what does not name a host.
std::vector<std::string> kinds(const json& report) {
  std::vector<std::string> all;
  for (const auto& finding : report.at("findings"))
    all.push_back(finding.at("entry").get<std::string>() + " " + finding.at("check").get<std::string>() + " " +
                  finding.at("severity").get<std::string>() + (finding.at("ignored").get<bool>() ? " ignored" : ""));
  std::sort(all.begin(), all.end());
  return all;
}

std::vector<std::string> statuses(const json& report) {
  std::vector<std::string> all;
  for (const auto& check : report.at("checks"))
    all.push_back(check.at("id").get<std::string>() + " " + check.at("status").get<std::string>());
  return all;
}

/// With a name in every kind of place.
class Hosted {
 public:
  Hosted() {
    files.set("PUBLIC_URL", "https://chat.acme-corp.de").set("GITHUB_REPO_OWNER", "acme");
    files.edit_compose("image: postgres:17", "image: registry.acme-corp.de/postgres:17");
    files.override_file(
        "services:\n  chatalot:\n    extra_hosts: [\"mail.acme-corp.de:93.184.216.41\"]\n    dns: [93.184.216.40]\n"
        "    labels: {route: \"Host(`chat.acme-corp.de`)\", owner: ops@acme-corp.de}\n"
        "    volumes: [\"./app.conf:/etc/app.conf\"]\nnetworks:\n  internal:\n    ipam:\n      config: "
        "[{subnet: 172.28.7.0/24, gateway: 172.28.7.1}]\n");
    files.directory().write("app.conf",
                            "relay smtp.beta-mail.co.uk\npeer 93.184.216.42 2001:db8:77::42 # chat.acme-corp.de.\n"
                            "encoded Y2hhdC5hY21lLWNvcnAuZGU= %63hat.acme-corp.de\n");
    files.directory().write("doctor.ignore.yaml",
                            "- code: env-url-insecure\n  subject: '*acme-corp.de*'\n  reason: agreed with "
                            "ops@acme-corp.de\n  expires: 2099-12-31\n");
  }

  FilesCase files;
};

}  // namespace

TEST_CASE("with --hide-hosts no host can be read from a bundle, and it tells the same", "[bundle][hide]") {
  const Hosted hosted;
  const Directory outputs{"outputs"};
  const auto& here = hosted.files.directory().path();
  const auto plain = outputs.path("plain.tar.gz");
  const auto hidden = outputs.path("hidden.tar.gz");
  const auto again = outputs.path("again.tar.gz");
  REQUIRE(doctor_run({"bundle", here, "--offline", "-o", plain}).exit == 0);
  for (const auto& file : {hidden, again}) {
    const auto made =
        doctor_run({"bundle", here, "--offline", "--hide-hosts", "--label", "for chat.acme-corp.de", "-o", file});
    INFO(made.err);
    REQUIRE(made.exit == 0);
  }
  const auto was = bundle_members(plain);
  const auto members = bundle_members(hidden);
  CHECK(was.at("config/app.conf").find("smtp.beta-mail.co.uk") != std::string::npos);
  for (const auto& [name, bytes] : members) {
    CAPTURE(name);
    for (const std::string host : {"acme-corp", "beta-mail", "93.184.216", "172.28.7", "2001:db8:77"}) {
      CHECK(name.find(host) == std::string::npos);
      CHECK(bytes.find(host) == std::string::npos);
    }
    CHECK(bytes.find("Y2hhdC5hY21lLWNvcnAuZGU") == std::string::npos);
  }
  CHECK(members.size() == was.size());
  CHECK(members.at("manifest.json").find("\"hide-hosts\"") != std::string::npos);
  // A line is where it was, and the tokens are those of the next bundle of this machine.
  const auto& conf = members.at("config/app.conf");
  CHECK(std::count(conf.begin(), conf.end(), '\n') == 3);
  CHECK(std::regex_search(conf, std::regex{R"(^relay hidden-[a-z2-7]{6}\.hidden-[a-z2-7]{6}\.co\.uk)"}));
  CHECK(conf == bundle_members(again).at("config/app.conf"));

  const auto there = report_of(doctor_run({"analyze", hidden, "--format", "json"}));
  const auto there_plain = report_of(doctor_run({"analyze", plain, "--format", "json"}));
  const auto kept = json::parse(members.at("report/report.json"));
  CHECK(there.at("findings") == kept.at("findings"));
  CHECK(there.at("unexamined") == kept.at("unexamined"));
  CHECK(!there.at("findings").empty());
  CHECK(kinds(there) == kinds(there_plain));
  CHECK(statuses(there) == statuses(there_plain));
  CHECK(there.at("summary") == there_plain.at("summary"));
}

TEST_CASE("what doctor.ignore.yaml puts up with goes along", "[bundle][ignore]") {
  FilesCase files;
  files.directory().write("Cargo.lock", "<<<<<<< HEAD\n");
  const auto code = files.check({}).report.at("findings").at(0).at("code").get<std::string>();
  files.directory().write("doctor.ignore.yaml",
                          "- code: " + code + "\n  reason: known\n  expires: 2099-12-31\n- code: disk-space-low\n" +
                              "  reason: over\n  expires: 2020-01-31\n");
  const Directory outputs{"outputs"};
  const auto file = outputs.path("b.tar.gz");
  const auto here = doctor_run({"check", files.directory().path(), "--format", "json", "--bundle", file});
  const auto there = doctor_run({"analyze", file, "--format", "json"});
  CHECK(there.exit == here.exit);
  CHECK(report_of(there).at("findings") == report_of(here).at("findings"));
  const auto all = kinds(report_of(there));
  CHECK(std::any_of(all.begin(), all.end(), [](const std::string& one) { return one.ends_with(" ignored"); }));
  CHECK(std::any_of(all.begin(), all.end(), [](const std::string& one) { return one.starts_with("ignore-expired"); }));
}

TEST_CASE("a secret that is left in the archive refuses it with exit 4 and its name", "[bundle][leak]") {
  FilesCase files;
  // The end of a key: what belongs to it cannot be told from other base64 any more, so the redactor leaves it alone.
  const std::string body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
  files.directory().write("app.conf", body + "\n" + body + "\n-----END PRIVATE KEY-----\n");
  files.override_file("services:\n  chatalot:\n    volumes: [\"./app.conf:/etc/app.conf\"]\n");
  const Directory outputs{"outputs"};
  const auto file = outputs.path("b.tar.gz");
  const auto refused = doctor_run({"bundle", files.directory().path(), "-o", file});
  INFO(refused.out << refused.err);
  CHECK(refused.exit == 4);
  CHECK(refused.out.empty());
  CHECK(refused.err.find("config/app.conf") != std::string::npos);
  CHECK(refused.err.find(body) == std::string::npos);
  CHECK(doctor_run({"check", files.directory().path(), "--format", "json", "--bundle", file}).exit == 4);
  CHECK(std::filesystem::is_empty(outputs.path()));
  // As the message advises.
  const auto written = doctor_run({"bundle", files.directory().path(), "-o", file, "--exclude", "config/app.conf"});
  CHECK(written.exit == 0);
  CHECK(bundle_members(file).count("config/app.conf") == 0);
}

TEST_CASE("--set reaches what .env builds from other variables", "[analyze][what-if]") {
  FilesCase files;
  files.set("DOMAIN", "one.acme-corp.de").set("BASE", "https://${DOMAIN}").set("PUBLIC_URL", "\"${BASE}\"");
  const Directory outputs{"outputs"};
  const auto file = outputs.path("b.tar.gz");
  REQUIRE(doctor_run({"bundle", files.directory().path(), "-o", file}).exit == 0);
  const auto report = report_of(doctor_run({"analyze", file, "--set", "DOMAIN=two.acme-corp.de", "--format", "json"}));
  json changes = json::object();
  for (const auto& change : report.at("what_if").at("changes"))
    changes[change.at("setting").get<std::string>()] = change;
  INFO(changes.dump(1));
  REQUIRE(changes.contains("setting:chatalot/PUBLIC_URL"));
  CHECK(changes.at("setting:chatalot/PUBLIC_URL").at("value") == "https://two.acme-corp.de");
  CHECK(changes.at("setting:chatalot/PUBLIC_URL").at("known") == true);
  CHECK(changes.at("setting:chatalot/PUBLIC_URL").at("given") == false);
  CHECK(changes.at("setting:compose/DOMAIN").at("given") == true);
  CHECK(changes.at("setting:compose/DOMAIN").at("note") == "");  // it has an effect
}

}  // namespace doctor::lab
