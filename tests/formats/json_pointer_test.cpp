#include "doctor/format/json_pointer.hpp"

#include "support/catch.hpp"

namespace doctor::formats {
namespace {

TEST_CASE("a pointer finds a value and shows it as compact text", "[json]") {
  const std::string text = "\xef\xbb\xbf{\"a\": {\"b\": [1, 2 , \"x\"]}, \"c/d\": null}";
  CHECK(json_at(text, "/a/b").value() == "[1,2,\"x\"]");
  CHECK(json_at(text, "/a/b/2").value() == "\"x\"");
  CHECK(json_at(text, "/c~1d").value() == "null");
  CHECK(json_at(text, "").value().front() == '{');
}

TEST_CASE("a pointer that leads nowhere is not a broken text", "[json]") {
  CHECK(json_at("{}", "/a").error().absent);
  CHECK(json_at("[1]", "/1").error().absent);
  CHECK_FALSE(json_at("[1]", "a").has_value());
  CHECK_FALSE(json_at("[1]", "a").error().absent);
}

TEST_CASE("a text that is not JSON is an error with its place", "[json]") {
  const auto error = json_at("{\n  \"a\": nope}", "/a").error();
  CHECK(error.reason == "not JSON");
  CHECK(error.line == 2);
  CHECK(error.column > 7);
  CHECK_FALSE(json_at("", "").has_value());
  CHECK_FALSE(json_at(std::string("{\"a\"\0:1}", 8), "/a").has_value());
  CHECK_FALSE(json_at("\"\xff\"", "").has_value());
  CHECK_FALSE(json_at("1e999999", "").has_value());
}

TEST_CASE("bombs are refused before they are parsed", "[json]") {
  CHECK(json_at(std::string(65, '[') + std::string(65, ']'), "").error().reason == "deeper than 64 levels");
  CHECK(json_at("\n" + std::string(65, '[') + std::string(65, ']'), "").error().line == 2);
  CHECK(json_at("\n" + std::string(65, '[') + std::string(65, ']'), "").error().column == 65);
  CHECK(json_at(std::string(64, '[') + std::string(64, ']'), "").has_value());
  CHECK(json_at(std::string(17U << 20, ' '), "").error().reason == "larger than 16 MB");
  CHECK(json_at("\"" + std::string(1000, '[') + "\"", "").has_value());
}

TEST_CASE("values compare in their compact form", "[json]") {
  CHECK(compact_json(" {\"b\":1,\"a\": [ true ]} ").value() == compact_json("{\"a\":[true],\"b\":1}").value());
  CHECK_FALSE(compact_json("tru").has_value());
}

}  // namespace
}  // namespace doctor::formats
