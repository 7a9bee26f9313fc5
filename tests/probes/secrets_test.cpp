#include "probes/secrets.hpp"

#include "probes/files_support.hpp"
#include "probes/secrets_seal.hpp"
#include "support/catch.hpp"

using namespace doctor;
using probes::form_problem;
using probes::url_breakers;
using test::soon;

namespace {

Setting setting(const std::string& name, const std::string& value, SettingRule rule = {}) {
  Setting setting;
  setting.service = "app";
  setting.name = name;
  setting.rule = std::move(rule);
  setting.configured = Value::secret(value);
  return setting;
}

Outcome<SecretAnswer> ask(std::vector<Setting> settings, const std::string& name, const std::string& predicate,
                          const std::string& other = {}) {
  auto deployment = std::make_shared<Deployment>();
  deployment->settings = std::move(settings);
  return probes::SecretProbe{deployment}.ask({"setting:app/" + name, predicate, other}, soon());
}

bool holds(const Setting& one, const std::string& predicate) {
  return ask({one}, one.name, predicate).value().holds;
}

bool good(const std::string& form, const std::string& text, SettingRule rule = {}) {
  return form_problem(form, rule, text).empty();
}

}  // namespace

TEST_CASE("empty: nothing, or blanks only") {
  CHECK(holds(setting("A", ""), "empty"));
  CHECK(holds(setting("A", " \t"), "empty"));
  CHECK_FALSE(holds(setting("A", "x"), "empty"));
}

TEST_CASE("example: equal to an example or containing one, by case") {
  SettingRule rule;
  rule.examples = {"change_me", ""};
  CHECK(holds(setting("A", "change_me", rule), "example"));
  CHECK(holds(setting("A", "postgres://u:change_me@h/d", rule), "example"));
  CHECK_FALSE(holds(setting("A", "CHANGE_ME", rule), "example"));
  CHECK_FALSE(holds(setting("A", "own", rule), "example"));
}

TEST_CASE("strong: long enough, not one character, of its form") {
  SettingRule rule;
  rule.length = 8;
  CHECK(holds(setting("A", "abcdefgh", rule), "strong"));
  CHECK_FALSE(holds(setting("A", "abcdefg", rule), "strong"));
  CHECK_FALSE(holds(setting("A", "aaaaaaaaaaaa", rule), "strong"));
  CHECK_FALSE(holds(setting("A", "äöüß", rule), "strong"));  // eight bytes, four characters
  CHECK(ask({setting("A", "abc", rule)}, "A", "strong")->reason == "shorter than 8 characters");
  rule.form = "hex";
  CHECK_FALSE(holds(setting("A", "abcdefgh", rule), "strong"));
  CHECK(holds(setting("A", "abcdef01", rule), "strong"));
}

TEST_CASE("allowed: one of the values that the application knows") {
  SettingRule rule;
  rule.allowed = {"open", "closed"};
  CHECK(holds(setting("A", "open", rule), "allowed"));
  CHECK_FALSE(holds(setting("A", "Open", rule), "allowed"));
  CHECK(ask({setting("A", "x", rule)}, "A", "allowed")->reason == "it is none of: open, closed");
}

TEST_CASE("refused: the index of the first pattern that matches, and nothing of the value") {
  SettingRule rule;
  rule.refuses = {{"^$", "", ""}, {":5432(/|$)", "", ""}, {"@", "", ""}};
  const auto url = [&](const std::string& value) { return ask({setting("A", value, rule)}, "A", "refused").value(); };
  CHECK_FALSE(url("https://e.org/").holds);
  CHECK(url("https://e.org/").reason.empty());
  CHECK(url("http://u:p@e.org:5432").holds);
  CHECK(url("http://u:p@e.org:5432").reason == "1");
  CHECK(url("http://u:p@e.org").reason == "2");
  CHECK(url("first\nhttp://u@e.org").reason == "2");
  CHECK_FALSE(url("").holds);
  rule.refuses = {{"(", "", ""}};
  CHECK(ask({setting("A", "s3cret", rule)}, "A", "refused").error().detail.find("s3cret") == std::string::npos);
}

TEST_CASE("agrees-with compares two settings") {
  const std::vector<Setting> both{setting("A", "same"), setting("B", "same"), setting("C", "other")};
  CHECK(ask(both, "A", "agrees-with", "setting:app/B")->holds);
  CHECK_FALSE(ask(both, "A", "agrees-with", "setting:app/C")->holds);
  CHECK(ask(both, "A", "agrees-with", "setting:app/D").error().kind == FailureKind::not_found);
}

TEST_CASE("applied: the files against the running process") {
  auto one = setting("A", "new");
  CHECK_FALSE(holds(one, "applied"));
  one.running = Value::secret("old");
  CHECK_FALSE(holds(one, "applied"));
  one.running = Value::secret("new");
  CHECK(holds(one, "applied"));
  one.configured.reset();
  CHECK(holds(one, "applied"));
}

TEST_CASE("reaches-as-written: .env against what the process gets") {
  auto one = setting("A", "literal");
  CHECK(ask({one}, "A", "reaches-as-written").error().code == "unset");
  one.written = Value::plain("edited");
  CHECK_FALSE(holds(one, "reaches-as-written"));
  one.running = Value::plain("edited");
  CHECK(holds(one, "reaches-as-written"));
  one.running.reset();
  one.configured.reset();
  CHECK_FALSE(holds(one, "reaches-as-written"));
  one.written = Value::secret(" ");
  CHECK(holds(one, "reaches-as-written"));  // an empty line of an example says nothing
}

TEST_CASE("unknown and unset settings are failures, an unknown predicate is a bug") {
  CHECK(ask({}, "A", "empty").error().kind == FailureKind::not_found);
  Setting unset;
  unset.service = "app";
  unset.name = "A";
  CHECK(ask({unset}, "A", "empty").error().code == "unset");
  CHECK_THROWS_AS(ask({setting("A", "x")}, "A", "is-it-hunter2"), std::invalid_argument);
  CHECK_THROWS_AS(form_problem("no-form", {}, "x"), std::invalid_argument);
}

TEST_CASE("url-safe names the classes that break a URL") {
  CHECK(url_breakers("abcXYZ019-._~!$&'()*+,;=:@^|\"`{}\\").empty());
  CHECK(url_breakers("a/b?c#d%e") == "slash, question mark, hash, percent");
  CHECK(url_breakers("a[b] c\xc3\xa4\n") == "square bracket, space, control character, non-ASCII");
}

TEST_CASE("form url") {
  SettingRule rule;
  rule.schemes = {"postgres", "postgresql"};
  CHECK(good("url", "postgres://user:pa@ss@db:5432/name?sslmode=disable", rule));
  CHECK(good("url", "POSTGRESQL://[::1]:5432/x", rule));
  CHECK_FALSE(good("url", "mysql://db/x", rule));
  CHECK_FALSE(good("url", "db:5432/x", rule));
  CHECK_FALSE(good("url", "postgres://user:pw@/x", rule));
  CHECK_FALSE(good("url", "postgres://db:port/x", rule));
  CHECK_FALSE(good("url", "postgres://db:99999/x", rule));
  CHECK_FALSE(good("url", "postgres://user:p w@db/x", rule));
  CHECK_FALSE(good("url", "postgres://user:p#w@db/x", rule));
  CHECK_FALSE(good("url", "\"postgres://db/x\"", rule));
  CHECK_FALSE(good("url", "", rule));
  CHECK(good("http-url", "https://chat.example.org"));
  CHECK_FALSE(good("http-url", "chat.example.org"));
  CHECK_FALSE(good("http-url", "ftp://chat.example.org"));
  CHECK_FALSE(good("http-url", "http://1.2.3.400/"));
}

TEST_CASE("forms of numbers and hexadecimal digits") {
  CHECK(good("integer", "100"));
  CHECK(good("integer", "-1"));
  CHECK_FALSE(good("integer", "100MB"));
  CHECK_FALSE(good("integer", "1.5"));
  CHECK_FALSE(good("integer", "-"));
  CHECK_FALSE(good("integer", std::string(40, '9')));
  CHECK(good("hex", "00ffAA"));
  CHECK_FALSE(good("hex", "0ff"));
  CHECK_FALSE(good("hex", "0x00"));
  CHECK(good("hex64", std::string(64, 'a')));
  CHECK_FALSE(good("hex64", std::string(63, 'a')));
  CHECK_FALSE(good("hex64", std::string(64, 'g')));
}

TEST_CASE("form address") {
  CHECK(good("address", "0.0.0.0:8080"));
  CHECK(good("address", "[::]:8080"));
  CHECK(good("address", "localhost:8080"));
  CHECK_FALSE(good("address", "0.0.0.0"));
  CHECK_FALSE(good("address", "8080"));
  CHECK_FALSE(good("address", ":8080"));
  CHECK_FALSE(good("address", "::1:8080"));
  CHECK_FALSE(good("address", "0.0.0.0:80a"));
  CHECK_FALSE(good("address", "0.0.0.0:70000"));
  CHECK_FALSE(good("address", "0.0.0:8080"));
  CHECK_FALSE(good("address", "http://0.0.0.0:8080"));
}

TEST_CASE("form path") {
  CHECK(good("path", "./data/files"));
  CHECK(good("path", "/srv/my files"));
  CHECK_FALSE(good("path", "/srv/data "));
  CHECK_FALSE(good("path", "\"/srv\""));
  CHECK_FALSE(good("path", "/srv\n"));
}

TEST_CASE("forms of JSON") {
  CHECK(good("json-array", "[{\"urls\":\"turn:h:3478\"}]"));
  CHECK(good("json-array", "[]"));
  CHECK_FALSE(good("json-array", "{}"));
  CHECK_FALSE(good("json-array", "[{urls:1}]"));
  CHECK_FALSE(good("json-array", std::string(100'000, '[')));
  CHECK_FALSE(good("json-array", "[\"\xff\"]"));
  CHECK(good("json-object", "{\"a\":\"[[[[\\\"\"}"));
  CHECK_FALSE(good("json-object", "[1]"));
}

TEST_CASE("form log-filter: directives of EnvFilter") {
  for (const auto* filter : {"info", "INFO", "chatalot_server=info,tower_http=debug", "sqlx::query=warn,info", "off",
                             "my-crate", "[span{field=\"a,b\"}]=trace", "app[request]=debug,warn", "info,", "app=3"})
    CHECK(good("log-filter", filter));
  for (const auto* filter :
       {"app=verbose", "app=", "=info", "app info", "app=info;b=warn", "app[span=info", "app=info=x"})
    CHECK_FALSE(good("log-filter", filter));
}

TEST_CASE("forms base64url, boolean, word, cors-origins") {
  CHECK(good("base64url", "AQ-_"));
  CHECK(good("base64url", "AQ=="));
  CHECK_FALSE(good("base64url", "AQ+/"));
  CHECK_FALSE(good("base64url", "AQAAA"));
  CHECK_FALSE(good("base64url", "A Q"));
  CHECK(good("boolean", "True"));
  CHECK_FALSE(good("boolean", "maybe"));
  CHECK(good("word", "invite_only"));
  CHECK_FALSE(good("word", "invite only"));
  CHECK(good("cors-origins", "https://chat.example.org, tauri://localhost,http://localhost:3000"));
  CHECK_FALSE(good("cors-origins", "*"));
  CHECK_FALSE(good("cors-origins", "https://a.example,*"));
  CHECK_FALSE(good("cors-origins", "https://a.example/"));
  CHECK_FALSE(good("cors-origins", "a.example"));
}

TEST_CASE("no reason ever holds a part of the value") {
  const std::string secret = "Hunter2-zQ";
  for (const auto* form : {"url", "http-url", "integer", "hex", "hex64", "address", "json-array", "json-object",
                           "log-filter", "base64url", "boolean", "cors-origins"})
    for (const auto& text : {secret, secret + "://" + secret, "x=" + secret, secret + ":" + secret, "[" + secret}) {
      const auto reason = form_problem(form, {}, text);
      CHECK(reason.find("unter") == std::string::npos);
      CHECK(reason.find("zQ") == std::string::npos);
    }
}

namespace {

const std::string seal_key = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const std::string sealed =
    "000102030405060708090a0bc3a652a862e95f05c661d0e97e147e37f355688b64932aff6aefa248883e9aaf9af02ed8";

/// `opens`, of an application whose database answers with these values.
Outcome<SecretAnswer> ask_seals(const std::string& key, std::vector<std::optional<std::string>> values) {
  auto deployment = std::make_shared<Deployment>();
  deployment->settings = {setting("KEY", key)};
  DataSource source;
  source.service = "app";
  source.setting = "setting:app/DATABASE_URL";
  deployment->data_sources = {source};
  probes::SecretProbe probe{deployment, [values](const PostgresRowsQuestion& question, const Deadline&) {
                              CHECK(question.session.source == "setting:app/DATABASE_URL");
                              PostgresRowsAnswer answer;
                              for (const auto& value : values) answer.rows.push_back({value});
                              return Outcome<PostgresRowsAnswer>{answer};
                            }};
  return probe.ask({"setting:app/KEY", "opens", "SELECT sealed FROM secrets"}, soon());
}

}  // namespace

TEST_CASE("a seal fits one key only") {
  const auto bytes = probes::bytes_of_hex(sealed);
  REQUIRE(bytes.size() == 48);
  CHECK(probes::opens(seal_key, bytes));
  CHECK_FALSE(probes::opens(seal_key + "0", bytes));
  CHECK_FALSE(probes::opens("", bytes));
  for (const std::size_t at : {std::size_t{0}, std::size_t{12}, std::size_t{31}, std::size_t{47}}) {
    auto changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    CHECK_FALSE(probes::opens(seal_key, changed));
  }
  CHECK_FALSE(probes::opens(seal_key, bytes.substr(0, 27)));
  CHECK_FALSE(probes::opens(seal_key, {}));
  CHECK(probes::bytes_of_hex("0g").empty());
  CHECK(probes::bytes_of_hex("abc").empty());
}

TEST_CASE("opens: the key of all that is there, which goes no further") {
  CHECK(ask_seals(seal_key, {})->holds);
  CHECK(ask_seals(seal_key, {sealed, sealed})->holds);
  const auto other = ask_seals("another", {sealed, sealed, std::nullopt});
  CHECK_FALSE(other->holds);
  CHECK(other->reason == "3 of 3 do not fit");
  CHECK(ask_seals(seal_key, {sealed, "00"})->reason == "1 of 2 do not fit");
}

TEST_CASE("opens without a database to ask") {
  const auto answer = ask({setting("KEY", seal_key)}, "KEY", "opens", "SELECT 1");
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == FailureKind::not_found);
}
