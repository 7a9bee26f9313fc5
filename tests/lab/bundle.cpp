#include "lab/bundle.hpp"

#include <algorithm>
#include <set>

#include "bundle/archive.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

using nlohmann::json;

/// Of the options of a run those that a bundle can be asked with; what they take follows them.
Arguments for_bundle(const Arguments& arguments) {
  static const std::set<std::string> kept{"--only", "--skip", "--fail-on", "--ignore", "--baseline"};
  Arguments chosen;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--allow-incomplete") chosen.push_back(arguments[i]);
    if (kept.count(arguments[i]) == 0 || i + 1 == arguments.size()) continue;
    chosen.push_back(arguments[i]);
    chosen.push_back(arguments[++i]);
  }
  return chosen;
}

/// What must be the same.
json told(const json& report) {
  json told{{"exit_code", report.at("summary").at("exit_code")},
            {"findings", report.at("findings")},
            {"unexamined", report.at("unexamined")},
            {"skipped", report.at("skipped")},
            {"ruled_out", report.at("ruled_out")},
            {"timeline", report.at("timeline")},
            {"started", report.at("run").at("started")},
            {"directory", report.at("deployment").at("directory")}};
  for (const auto& check : report.at("checks"))
    told["checks"].push_back(check.at("id").get<std::string>() + " " + check.at("status").get<std::string>());
  return told;
}

/// A sentence in which one side shows a marker: what the deployment's secrets are, an analysis cannot know, and so it
/// may show an example of the documentation that happens to be in use.
bool is_about_a_secret(const json& difference, const json& here, const json& there) {
  if (difference.at("op") != "replace") return false;
  const json::json_pointer place{difference.at("path").get<std::string>()};
  const auto marked = [&](const json& report) {
    const auto& text = report.at(place);
    if (!text.is_string()) return false;
    const auto words = text.get<std::string>();
    return words.find("[redacted") != std::string::npos ||
           (words.find("[r") != std::string::npos && words.ends_with("..."));
  };
  return marked(here) || marked(there);
}

}  // namespace

std::map<std::string, std::string> bundle_members(const std::string& file) {
  std::map<std::string, std::string> members;
  const auto read = bundle::read_archive(file, [&](const bundle::ArchiveMember& member) {
    auto& bytes = members[member.path];
    return member
        .bytes([&](std::string_view piece) {
          bytes += piece;
          return true;
        })
        .has_value();
  });
  INFO((read ? "" : read.error()));
  REQUIRE(read.has_value());
  return members;
}

void expect_safe_bundle(const std::string& file, const Secrets& secrets) {
  std::size_t members = 0;
  const auto read = bundle::read_archive(file, [&](const bundle::ArchiveMember& member) {
    ++members;
    std::string bytes;
    const auto whole = member.bytes([&](std::string_view piece) {
      bytes += piece;
      return true;
    });
    CHECK(whole.has_value());
    secrets.expect_absent(member.path, "the name of a member of the bundle");
    secrets.expect_absent(bytes, "the bundle's " + member.path);
    return true;
  });
  INFO((read ? "" : read.error()));
  CHECK(read.has_value());
  CHECK(members > 3);
}

void expect_same_from_bundle(const std::string& file, const Secrets& secrets, const Result& result,
                             const Arguments& arguments, const CommandOptions& options) {
  Arguments analyze{doctor_binary(), "analyze", file, "--format", "json"};
  for (auto& argument : for_bundle(arguments)) analyze.push_back(std::move(argument));
  const auto run = lab::run(analyze, options);
  secrets.expect_absent(run.out + run.err, "analyze");
  const auto report = json::parse(run.out, nullptr, false);
  INFO("exit " << run.exit << "\n" << run.err);
  REQUIRE(report.is_object());
  CHECK(run.exit == result.run.exit);
  CHECK(report.at("run").at("recording").at("file") == file);
  const auto here = told(result.report);
  const auto there = told(report);
  INFO("analyze differs from check, which said " << result.report.dump(2));
  for (const auto& difference : json::diff(here, there)) {
    INFO(difference.dump(2));
    CHECK(is_about_a_secret(difference, here, there));
  }
}

}  // namespace doctor::lab
