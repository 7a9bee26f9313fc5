// Guides that users write for their own application, from the command line to the bundle.

#include <unistd.h>

#include <algorithm>

#include "lab/check.hpp"
#include "lab/files.hpp"
#include "support/catch.hpp"
#include "support/places.hpp"
#include "util/text.hpp"

namespace doctor::lab {
namespace {

const std::string example = test::source_path("docs/examples/shop/");

/// The shop of the documentation, without its licence.
class Shop {
 public:
  Shop() {
    for (const auto* file : {"compose.yaml", "doctor.yaml", "guides/shop.md"})
      directory_.write(file, read_file(example + file));
    directory_.write(".env", "SHOP_MODE=open\n", 0600);
  }
  const Directory& directory() const { return directory_; }
  std::string path(const std::string& relative) const { return directory_.path(relative); }

  void edit(const std::string& file, const std::string& from, const std::string& to) const {
    auto text = directory_.read(file);
    replace(text, from, to);
    directory_.write(file, text);
  }

  CommandResult run(Arguments arguments) const {
    arguments.insert(arguments.begin(), doctor_binary());
    CommandOptions options;
    options.directory = directory_.path();
    return lab::run(arguments, options);
  }

 private:
  Directory directory_{"shop"};
};

/// The entry of the one root, which is about the licence.
std::string root_of(const std::string& directory, const Arguments& more = {}, const CommandOptions& options = {}) {
  Arguments arguments{"--allow-incomplete"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const auto result = check(directory, {}, arguments, options);
  INFO(result.run.err);
  CHECK(result.run.exit == 1);
  REQUIRE(result.roots().size() == 1);
  const auto words = util::split(result.roots().front(), ' ');
  CHECK(words.back() == "setting:shop/SHOP_LICENCE");
  return words.front();
}

constexpr const char* own = "shop-licence-missing";
constexpr const char* generic = "env-required-empty";

void expect_refused(const CommandResult& result, const std::vector<std::string>& words) {
  INFO(result.err);
  CHECK(result.exit == 2);
  CHECK(result.out.empty());
  for (const auto& word : words) CHECK(result.err.find(word) != std::string::npos);
  expect_clean(result.err, "standard error");
}

}  // namespace

TEST_CASE("a page of the user's own explains better, here and from a bundle", "[guides]") {
  const Shop shop;
  CHECK(root_of(shop.directory().path()) == own);
}

TEST_CASE("pages are named by a flag, the environment, and options; without them the check's own words stay",
          "[guides]") {
  const Shop shop;
  const Directory elsewhere{"guides"};
  elsewhere.write("shop.md", shop.directory().read("guides/shop.md"));
  elsewhere.write("README.md", "Pages of ours.\n");
  shop.directory().write(
      "doctor.yaml",
      "system:\n  name: shop\n  services:\n    shop:\n      settings: {SHOP_LICENCE: {required: true}}\n"
      "      milestones: [{id: listening, log: 'listening on'}]\n");
  const auto& directory = shop.directory().path();
  CHECK(root_of(directory) == generic);
  CHECK(root_of(directory, {"--guides", elsewhere.path()}) == own);
  CHECK(root_of(directory, {"--guides", elsewhere.path("shop.md")}) == own);
  CommandOptions options;
  options.environment = Environment{{"PATH", "/usr/bin:/bin"}, {"DOCTOR_GUIDES", elsewhere.path()}};
  CHECK(root_of(directory, {}, options) == own);
  shop.directory().write("doctor.yaml", shop.directory().read("doctor.yaml") + "options: {guides: ours}\n");
  shop.directory().write("ours/shop.md", shop.directory().read("guides/shop.md"));
  CHECK(root_of(directory) == own);
}

TEST_CASE("mistakes in pages and in doctor.yaml are told with their places, all at once", "[guides]") {
  const Shop shop;
  shop.edit("guides/shop.md", "severity: info", "severity: inform");
  shop.edit("guides/shop.md", "docker compose logs --tail 5 {service}", "docker compose logs --tail 5 {servise}");
  shop.edit("doctor.yaml", "else: shop-unhealthy", "else: shop-unhealty");
  shop.directory().write("more/shop.md", "# Shop\n\nMore.\n\n## database-refused\n");
  shop.directory().write("more/Shop.md", "# Shop\n");
  for (const auto* command : {"check", "plan", "config", "bundle"}) {
    INFO(command);
    expect_refused(shop.run({command, ".", "--guides", "more", "--guides", "nowhere"}),
                   {"guides: nowhere ", "guides/shop.md:74:", "did you mean service?",
                    "more/shop.md:5:", "database-refused", "(database.md)", "more/Shop.md: "});
  }
  expect_refused(shop.run({"check", "."}), {"doctor.yaml:20:17: ", "shop-unhealthy?", "guides/shop.md:74:"});
}

TEST_CASE("a page that a doctor.yaml names is about a system that is known", "[guides]") {
  const Shop shop;
  shop.directory().write("guides/shopp.md", "# Shop\n\nMore.\n");
  expect_refused(shop.run({"check", "."}), {"shopp.md: ", "did you mean shop?"});
  shop.directory().remove("guides/shopp.md");
  shop.directory().write("common/elsewhere.md", "# Elsewhere\n\nOf another application.\n");
  CHECK(shop.run({"check", ".", "--guides", "common"}).exit == 1);
}

TEST_CASE("a page that others may write is refused", "[guides]") {
  const Shop shop;
  shop.directory().mode("guides/shop.md", 0666);
  expect_refused(shop.run({"check", "."}), {"guides/shop.md", "everybody"});
  shop.directory().mode("guides/shop.md", 0644);
  shop.directory().mode("guides", 0777);
  expect_refused(shop.run({"check", "."}), {"folder", "everybody"});
  shop.directory().mode("guides", 0755);
  CHECK(shop.run({"check", "."}).exit == 1);
  if (geteuid() != 0) return;
  shop.directory().owner("guides/shop.md", 65534);
  expect_refused(shop.run({"list", "entries", "--guides", "guides"}), {"another user"});
}

TEST_CASE("entries are listed and explained with where they are from", "[guides]") {
  const Shop shop;
  const Directory elsewhere{"elsewhere"};
  const auto find = [](const nlohmann::json& entries, const std::string& code) {
    const auto found =
        std::find_if(entries.begin(), entries.end(), [&](const auto& e) { return e.at("code") == code; });
    return found == entries.end() ? nlohmann::json{} : *found;
  };
  const auto given = run({doctor_binary(), "list", "entries", "--format", "json", "--guides", shop.path("guides")});
  const auto entry = find(nlohmann::json::parse(given.out), "shop-unhealthy");
  CHECK(entry.at("detection") == "");
  CHECK(entry.at("reason") == "from " + shop.path("guides"));
  CHECK(
      find(nlohmann::json::parse(shop.run({"list", "entries", "--format", "json"}).out), "shop-unhealthy").is_object());
  const auto paste = "payments: order 12 refused: no-money";
  CHECK(shop.run({"explain", paste}).out.starts_with("shop-payments-refused"));
  CHECK(shop.run({"explain", "shop-unhealthy"}).exit == 0);
  CommandOptions away;
  away.directory = elsewhere.path();
  CHECK(run({doctor_binary(), "explain", "shop-unhealthy"}, away).exit == 2);
  CHECK(run({doctor_binary(), "explain", "shop-unhealthy", "--guides", shop.path("guides")}, away).exit == 0);
}

TEST_CASE("a doctor.yaml that is of no use keeps nobody from asking what a code means", "[guides]") {
  const Shop shop;
  shop.directory().write("doctor.yaml", "guides: [nowhere]\n");
  const auto result = shop.run({"explain", "database-refused"});
  CHECK(result.exit == 0);
  CHECK(result.out.starts_with("database-refused"));
  CHECK(result.err.find("nowhere") != std::string::npos);
  CHECK(shop.run({"list", "entries"}).exit == 2);
  CHECK(shop.run({"list", "checks"}).exit == 0);
}

TEST_CASE("a bundle carries the pages without secrets, and analyze prefers those that it is given", "[guides]") {
  const Shop shop;
  const std::string secret = "Zq81-hidden-in-a-page";
  shop.directory().write(".env", "SHOP_LICENCE=\nSHOP_MODE=" + std::string{"ajar\n"}, 0600);
  shop.edit("doctor.yaml", "PAYMENTS_URL: {form: http-url}", "PAYMENTS_URL: {form: http-url, secret: true}");
  shop.edit("compose.yaml", "${PAYMENTS_URL:-https://payments.example.com}", secret);
  shop.edit("guides/shop.md", "as one line of letters and digits", "as one line, not " + secret);
  const auto file = shop.path("run.tar.gz");
  CHECK(shop.run({"check", ".", "--bundle", file}).exit == 1);
  const auto page = run({"/bin/tar", "xzOf", file, "guides/shop.md"}).out;
  CHECK(page.find("## shop-unhealthy") != std::string::npos);
  CHECK(page.find("[redacted:PAYMENTS_URL]") != std::string::npos);
  CHECK(page.find(secret) == std::string::npos);

  const auto title = [&](const Arguments& more) {
    Arguments arguments{"analyze", file, "--format", "json", "--only", "env"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto report = nlohmann::json::parse(shop.run(arguments).out);
    for (const auto& finding : report.at("findings"))
      if (finding.at("entry") == "shop-licence-missing") return finding.at("title").get<std::string>();
    return std::string{};
  };
  shop.directory().write("newer/shop.md", shop.directory().read("guides/shop.md"));
  shop.edit("newer/shop.md", "title: The shop has no licence and sells nothing", "title: A newer title");
  CHECK(title({}) == "The shop has no licence and sells nothing");
  CHECK(title({"--guides", "newer"}) == "A newer title");
  expect_refused(shop.run({"analyze", file, "--guides", "nowhere"}), {"nowhere"});

  CHECK(shop.run({"bundle", ".", "-q", "-o", file, "--exclude", "guides"}).exit == 0);
  CHECK(run({"/bin/tar", "tzf", file}).out.find("guides/") == std::string::npos);
  CHECK(title({}).empty());
  CHECK(shop.run({"analyze", file}).exit == 1);
}

TEST_CASE("a page that redaction has spoilt is left out of the analysis, which goes on", "[guides]") {
  const Shop shop;
  shop.edit("guides/shop.md", "match: 'payments: order", "match: 'password=(?P<word>[a-z]+) payments: order");
  const auto file = shop.path("run.tar.gz");
  CHECK(shop.run({"bundle", ".", "-q", "-o", file}).exit == 0);
  const auto result = shop.run({"analyze", file, "--format", "json"});
  INFO(result.err);
  CHECK(result.err.find("guides/shop.md:") != std::string::npos);
  CHECK(result.exit == 1);
  CHECK(nlohmann::json::parse(result.out).at("findings").at(0).at("subject") == "setting:shop/SHOP_LICENCE");
}

TEST_CASE("doctor plan names the pages, and completion knows their codes", "[guides]") {
  const Shop shop;
  CHECK(shop.run({"plan", ".", "--format", "json"}).out.find(shop.path("guides/shop.md")) != std::string::npos);
  CHECK(shop.run({"__complete", "--", "explain", "shop-pay"}).out.starts_with("shop-payments-refused\t"));
  const Directory elsewhere{"elsewhere"};
  CommandOptions away;
  away.directory = elsewhere.path();
  const auto offered = [&](const Arguments& words) {
    Arguments arguments{doctor_binary(), "__complete", "--"};
    arguments.insert(arguments.end(), words.begin(), words.end());
    return run(arguments, away).out;
  };
  CHECK(offered({"explain", "shop-pay"}) == ":\n");
  CHECK(offered({"explain", "--guides", shop.path("guides"), "shop-pay"}).starts_with("shop-payments-refused\t"));
  CHECK(offered({"explain", "--guides=" + shop.path("guides"), "shop-pay"}).starts_with("shop-payments-refused\t"));
  CHECK(offered({"explain", "--guides", shop.path("nowhere"), "redis-auth-f"}).starts_with("redis-auth-failed\t"));
}

}  // namespace doctor::lab
