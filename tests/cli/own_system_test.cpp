// doctor.yaml: an application that nobody has compiled in, and the page of checks that is generated.

#include <fstream>
#include <sstream>

#include "lab/check.hpp"
#include "lab/files.hpp"
#include "support/catch.hpp"
#include "support/places.hpp"

namespace doctor::lab {
namespace {

constexpr auto description = R"(system:
  name: shop
  services:
    shop:
      port: 3000
      settings:
        SHOP_LICENSE: {required: true, secret: true}
        MODE: {allowed: [open, closed]}
)";

constexpr auto compose = R"(services:
  shop:
    image: shop
    environment:
      SHOP_LICENSE: ${SHOP_LICENSE:-}
      MODE: ${MODE:-open}
)";

struct Shop {
  Directory directory;
  Shop();
};

Shop::Shop() {
  directory.write("doctor.yaml", description, 0644);
  directory.write("compose.yaml", compose, 0644);
  directory.write(".env", "SHOP_LICENSE=abcdefgh12345678\n", 0600);
}

CommandResult check_in(const Directory& directory) {
  return run({doctor_binary(), "check", directory.path(), "--format", "json"});
}

}  // namespace

TEST_CASE("doctor.yaml describes the application of its directory") {
  const Shop shop;
  const auto& directory = shop.directory;
  const auto healthy = check(directory.path(), {});
  CHECK(healthy.report.at("deployment").at("system") == "shop");
  CHECK(healthy.report.at("findings").empty());

  directory.write(".env", "MODE=ajar\n", 0600);
  const auto broken = check(directory.path(), {});
  expect_roots(broken,
               {{"env-required-empty", "env-required-empty", "env", "setting:shop/SHOP_LICENSE"},
                {"env-value-not-allowed", "env-value-not-allowed", "env", "setting:shop/MODE"}},
               1);
}

TEST_CASE("a mistake in doctor.yaml is named with its line, and ends the run") {
  const Shop shop;
  const auto& directory = shop.directory;
  directory.write("doctor.yaml", "system:\n  name: shop\n  servces: {}\n", 0644);
  const auto result = check_in(directory);
  CHECK(result.exit == 2);
  CHECK(result.out.empty());
  CHECK(result.err.find("doctor.yaml:3:") != std::string::npos);
  CHECK(result.err.find("services") != std::string::npos);
}

TEST_CASE("a doctor.yaml that everybody may write is not followed") {
  const Shop shop;
  const auto& directory = shop.directory;
  directory.mode("doctor.yaml", 0666);
  const auto result = check_in(directory);
  CHECK(result.exit == 2);
  CHECK(result.err.find("written by everybody") != std::string::npos);
}

TEST_CASE("the page of checks in the documentation is the one that the program makes") {
  std::ifstream file{doctor::test::source_path("docs/checks.md")};
  std::ostringstream page;
  page << file.rdbuf();
  CHECK(run_or_throw({doctor_binary(), "list", "checks", "--format", "markdown"}) == page.str());
}

}  // namespace doctor::lab
