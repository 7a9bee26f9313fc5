#include <unistd.h>

#include <algorithm>

#include "bundle/crafted.hpp"
#include "bundle/deployment_json.hpp"
#include "bundle/reader.hpp"
#include "bundle/sha256.hpp"
#include "guides/page.hpp"
#include "support/catch.hpp"

using namespace doctor;

namespace {

using Members = std::vector<test::TarMember>;

test::TarMember member(const std::string& name, const std::string& content) {
  test::TarMember made;
  made.name = name;
  made.content = content;
  return made;
}

Members usual_members() {
  Deployment deployment;
  deployment.directory = "/srv/app";
  probes::Tape tape;
  tape.write("clock {\"moment\":\"\"}", R"({"answer":{"now":1770000000}})");
  return {member("answers/deployment.json", bundle::to_json(deployment, redact::Redactor{})),
          member("answers/tape.json", tape.to_json()), member("logs/app.log", "one\ntwo\n"),
          member("report/report.json", "{}\n")};
}

bundle::Manifest manifest_of(const Members& members) {
  bundle::Manifest manifest;
  manifest.version = "0.1.0";
  manifest.created = "2026-03-01T10:12:05Z";
  manifest.label = "before the upgrade";
  for (const auto& one : members) {
    bundle::MemberInfo info;
    info.path = one.name;
    info.size = one.content.size();
    info.sha256 = bundle::Sha256::of(one.content);
    manifest.members.push_back(std::move(info));
  }
  return manifest;
}

Members with_manifest(Members members, const std::string& manifest) {
  members.insert(members.begin(), member("manifest.json", manifest));
  return members;
}

tl::expected<bundle::Opened, std::string> opened(const Members& members) {
  const test::MemoryFile file{test::packed(test::tar_of(members))};
  return bundle::open("/proc/self/fd/" + std::to_string(file.descriptor()));
}

tl::expected<bundle::Opened, std::string> opened(const Members& members, const bundle::Manifest& manifest) {
  return opened(with_manifest(members, bundle::to_json(manifest)));
}

/// The refusal of a bundle, which names `part` of it.
void check_refused(const tl::expected<bundle::Opened, std::string>& result, const std::string& part) {
  REQUIRE(!result);
  INFO(result.error());
  CHECK(result.error().find(part) != std::string::npos);
  CHECK(result.error().find('\n') == std::string::npos);
}

test::TarMember& named(Members& members, const std::string& name) {
  return *std::find_if(members.begin(), members.end(), [&](const auto& one) { return one.name == name; });
}

}  // namespace

TEST_CASE("a bundle is opened as far as a diagnosis needs it", "[open]") {
  const auto members = usual_members();
  const auto bundle = opened(members, manifest_of(members));
  INFO((bundle ? "" : bundle.error()));
  REQUIRE(bundle);
  CHECK(bundle->manifest.label == "before the upgrade");
  CHECK(bundle->deployment.directory == "/srv/app");
  CHECK(bundle->tape.size() == 1);
  CHECK(bundle->report == "{}\n");
}

TEST_CASE("pages of the user's own are kept, by the rules for pages", "[open]") {
  auto members = usual_members();
  members.insert(members.begin() + 2, {member("guides/2/shop.md", "# Two\n"), member("guides/notes.txt", "none\n"),
                                       member("guides/shop.md", "# One\n")});
  const auto bundle = opened(members, manifest_of(members));
  INFO((bundle ? "" : bundle.error()));
  REQUIRE(bundle);
  REQUIRE(bundle->guides.size() == 2);
  CHECK(bundle->guides[0].file == "guides/2/shop.md");
  CHECK(bundle->guides[1].text == "# One\n");

  auto large = usual_members();
  large.insert(large.begin() + 2, member("guides/shop.md", std::string(guides::most_page_bytes + 1, 'x')));
  check_refused(opened(large, manifest_of(large)), "guides/shop.md");

  auto many = usual_members();
  for (std::size_t i = 0; i <= guides::most_own_pages; ++i)
    many.insert(many.end() - 2, member("guides/" + std::to_string(1000 + i) + "/shop.md", "# One\n"));
  check_refused(opened(many, manifest_of(many)), "guides");
}

TEST_CASE("a member that is not what the manifest says refuses the bundle", "[open]") {
  const auto members = usual_members();
  const auto manifest = manifest_of(members);
  auto changed = members;
  SECTION("other bytes") {
    named(changed, "logs/app.log").content = "one\ntwO\n";
    check_refused(opened(changed, manifest), "logs/app.log");
  }
  SECTION("another size") {
    named(changed, "logs/app.log").content += "three\n";
    check_refused(opened(changed, manifest), "logs/app.log");
  }
  SECTION("a changed answer") {
    auto& text = named(changed, "answers/tape.json").content;
    text.replace(text.find("1770000000"), 10, "1870000000");
    check_refused(opened(changed, manifest), "answers/tape.json");
  }
  SECTION("a missing member") {
    changed.erase(changed.begin() + 2);
    check_refused(opened(changed, manifest), "logs/app.log");
  }
  SECTION("a member too many") {
    changed.push_back(member("support/extra", "x"));
    check_refused(opened(changed, manifest), "support/extra");
  }
  SECTION("told of twice") {
    auto doubled = manifest;
    doubled.members.push_back(manifest.members.front());
    check_refused(opened(members, doubled), "answers/deployment.json");
  }
}

TEST_CASE("an archive that lacks a part of a bundle is refused", "[open]") {
  auto members = usual_members();
  SECTION("no manifest") {
    check_refused(opened(members), "manifest.json");
  }
  SECTION("a manifest at the end") {
    auto late = members;
    late.push_back(member("manifest.json", bundle::to_json(manifest_of(members))));
    check_refused(opened(late), "manifest.json");
  }
  SECTION("a manifest that is none") {
    check_refused(opened(with_manifest(members, "{\"schema\": 7}")), "manifest.json");
    check_refused(opened(with_manifest(members, "unguessable")), "manifest.json");
  }
  for (const auto* name : {"answers/deployment.json", "answers/tape.json", "report/report.json"}) {
    DYNAMIC_SECTION("no " << name) {
      members.erase(std::find_if(members.begin(), members.end(), [&](const auto& one) { return one.name == name; }));
      check_refused(opened(members, manifest_of(members)), name);
    }
    DYNAMIC_SECTION("too large " << name) {
      named(members, name).content = std::string(65UL * 1024 * 1024, ' ');
      check_refused(opened(members, manifest_of(members)), name);
    }
  }
  for (const auto* name : {"answers/deployment.json", "answers/tape.json"}) {
    DYNAMIC_SECTION("nonsense in " << name) {
      named(members, name).content = "{\"unguessable\"";
      const auto result = opened(members, manifest_of(members));
      check_refused(result, name);
      CHECK(result.error().find("unguessable") == std::string::npos);
    }
  }
}

TEST_CASE("what is no archive is refused", "[open]") {
  check_refused(bundle::open("/nonexistent/bundle.tar.gz"), "");
  check_refused(bundle::open("/"), "");
  const test::MemoryFile text{"not a bundle"};
  check_refused(bundle::open("/proc/self/fd/" + std::to_string(text.descriptor())), "tar");
}
