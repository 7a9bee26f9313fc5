#include "deployment/interpolation.hpp"

#include <map>

#include "support/catch.hpp"

using namespace doctor::deployment;

namespace {

Interpolated run(const std::string& text) {
  static const std::map<std::string, std::string> values{{"SET", "value"}, {"EMPTY", ""}, {"_x1", "under"}};
  return interpolate(
      text,
      [](const std::string& name) {
        const auto found = values.find(name);
        return found == values.end() ? nullptr : &found->second;
      },
      100'000);
}

}  // namespace

TEST_CASE("interpolation: every operator") {
  const std::vector<std::pair<std::string, std::string>> rows{
      {"plain", "plain"},
      {"$SET", "value"},
      {"${SET}", "value"},
      {"$UNSET|${UNSET}", "|"},
      {"$_x1", "under"},
      {"$$SET $$", "$SET $"},
      {"$1 $ $-", "$1 $ $-"},
      {"${SET:-d}${EMPTY:-d}${UNSET:-d}", "valuedd"},
      {"${SET-d}${EMPTY-d}${UNSET-d}", "valued"},
      {"${SET:+a}|${EMPTY:+a}|${UNSET:+a}", "a||"},
      {"${SET+a}|${EMPTY+a}|${UNSET+a}", "a|a|"},
      {"${SET:?m}${EMPTY?m}", "value"},
      {"${UNSET:-${EMPTY:-${SET}}}", "value"},
      {"${UNSET:-a${SET}b}c}", "avaluebc}"},
      {"${UNSET:-{\"a\":1}}", "{\"a\":1}"},
      {"${UNSET:-}", ""},
      {"${UNSET-a:-b}", "a:-b"},
      {"a}b$SET", "a}bvalue"},
      {"one ${UNSET:-x}\ntwo } ${UNSET:-y}", "one x\ntwo } y"},
  };
  for (const auto& [text, expected] : rows) {
    CAPTURE(text);
    const Interpolated result = run(text);
    CHECK(!result.error);
    CHECK(result.text == expected);
  }
}

TEST_CASE("interpolation: malformed expressions") {
  for (const std::string text : {"${", "${}", "${1}", "${SET", "${SET.x}", "${SET:x}", "${ SET}", "${UNSET:-a\nb}"}) {
    CAPTURE(text);
    const Interpolated result = run(text);
    REQUIRE(result.error);
    CHECK(result.error->kind == InterpolationError::Kind::malformed);
  }
}

TEST_CASE("interpolation: a required variable names itself and says the message without values") {
  const Interpolated result = run("x${UNSET:?set it in ${SET} or ${OTHER:-hunter2}}y");
  REQUIRE(result.error);
  CHECK(result.error->kind == InterpolationError::Kind::required);
  CHECK(result.error->variable == "UNSET");
  CHECK(result.error->message == "set it in ${SET} or ${OTHER}");
  CHECK(run("${EMPTY:?}").error);
  CHECK(!run("${EMPTY?}").error);
  CHECK(run("${SET:-${UNSET:?even here}}").error);
}

TEST_CASE("interpolation: uses tell the operator and whether the default was taken") {
  const Interpolated result = run("$SET ${UNSET:-${EMPTY}}");
  REQUIRE(result.uses.size() == 3);
  CHECK(result.uses[0].name == "SET");
  CHECK(result.uses[0].operation.empty());
  CHECK(result.uses[0].set);
  CHECK(result.uses[1].operation == ":-");
  CHECK(!result.uses[1].set);
  CHECK(result.uses[1].defaulted);
  CHECK(result.uses[2].name == "EMPTY");
  CHECK(result.uses[2].set);
  CHECK(variable_names(result.uses) == std::vector<std::string>{"SET", "UNSET", "EMPTY"});
}

TEST_CASE("interpolation: nesting and length are bounded") {
  std::string nested;
  for (int i = 0; i < 100'000; ++i) nested += "${A:-";
  nested.append(100'000, '}');
  REQUIRE(run(nested).error);
  CHECK(run(nested).error->kind == InterpolationError::Kind::too_deep);
  std::string many;
  for (int i = 0; i < 50'000; ++i) many += "${SET:-x}";
  REQUIRE(run(many).error);
  CHECK(run(many).error->kind == InterpolationError::Kind::too_long);
}
