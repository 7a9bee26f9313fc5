#include "bundle/deployment_fields.hpp"
#include "bundle/deployment_json.hpp"
#include "support/catch.hpp"

using namespace doctor;

namespace {

/// Gives every field of a struct a value of its own that is not its default.
class Filler {
 public:
  template <class T>
  void operator()(const char*, T& value) {
    fill(value);
  }

  template <class T>
  void fill(T& value) {
    using namespace util::detail;
    if constexpr (std::is_same_v<T, std::string>) {
      value = "text " + std::to_string(++count_);
    } else if constexpr (std::is_same_v<T, bool>) {
      value = !value;
    } else if constexpr (std::is_same_v<T, Reach>) {
      value = Reach::not_passed;
    } else if constexpr (std::is_same_v<T, Value>) {
      value = Value::plain("value " + std::to_string(++count_));
    } else if constexpr (std::is_same_v<T, std::chrono::milliseconds>) {
      value = std::chrono::milliseconds{++count_};
    } else if constexpr (std::is_arithmetic_v<T>) {
      value = static_cast<T>(++count_);
    } else if constexpr (IsOptional<T>::value) {
      fill(value.emplace());
    } else if constexpr (IsVector<T>::value) {
      fill(value.emplace_back());
    } else if constexpr (IsMap<T>::value) {
      fill(value["key " + std::to_string(++count_)]);
    } else {
      each_field(*this, value);
    }
  }

 private:
  int count_ = 0;
};

Deployment reloaded(const Deployment& deployment, const redact::Redactor& redactor = redact::Redactor{}) {
  auto read = bundle::deployment_from_json(bundle::to_json(deployment, redactor));
  INFO((read ? "" : read.error()));
  REQUIRE(read);
  return *std::move(read);
}

std::string refusal(const std::string& text) {
  const auto read = bundle::deployment_from_json(text);
  REQUIRE(!read);
  return read.error();
}

Setting& setting(Deployment& deployment, const std::string& name, Value value) {
  auto& added = deployment.settings.emplace_back();
  added.service = "app";
  added.name = name;
  added.configured = std::move(value);
  return added;
}

}  // namespace

TEST_CASE("every field of a deployment is written and read again", "[deployment]") {
  Deployment deployment;
  Filler{}.fill(deployment);
  const auto written = util::to_json(deployment);
  CHECK(util::to_json(reloaded(deployment)).dump(1) == written.dump(1));
  CHECK(written.dump() != util::to_json(Deployment{}).dump());
  for (const auto& [name, value] : written.items()) {
    INFO(name);
    CHECK(value != util::to_json(Deployment{}).at(name));
  }
}

TEST_CASE("a deployment without anything is read again", "[deployment]") {
  CHECK(util::to_json(reloaded({})) == util::to_json(Deployment{}));
}

TEST_CASE("of a secret nothing is written but that there is one", "[deployment]") {
  Deployment deployment;
  setting(deployment, "DB_PASSWORD", Value::secret("Xq7-unguessable"));
  setting(deployment, "EMPTY", Value::secret(""));
  setting(deployment, "PLAIN", Value::plain("8080"));
  setting(deployment, "NONE", {}).configured.reset();
  deployment.secrets.push_back({"FURTHER", Value::secret("Yr8-unguessable")});
  const redact::Redactor redactor;  // it knows none of them
  const auto text = bundle::to_json(deployment, redactor);
  CHECK(text.find("unguessable") == std::string::npos);
  const auto read = reloaded(deployment);
  REQUIRE(read.settings.size() == 4);
  CHECK(read.settings[0].configured->is_secret());
  CHECK(!SecretReader::reveal(*read.settings[0].configured).empty());
  CHECK(read.settings[1].configured->is_secret());
  CHECK(SecretReader::reveal(*read.settings[1].configured).empty());
  CHECK(read.settings[2].configured->text() == "8080");
  CHECK(!read.settings[3].configured);
  CHECK(read.secrets.empty());
}

TEST_CASE("a known secret is replaced in every text and every key, names of fields are not", "[deployment]") {
  const redact::Redactor redactor{{{"DB_PASSWORD", "Xq7-unguessable"}, {"ODD", "directory"}}};
  Deployment deployment;
  deployment.directory = "/srv/Xq7-unguessable";
  deployment.disks["Xq7-unguessable"] = "/var/Xq7-unguessable";
  deployment.services.emplace_back().command = {"serve", "--password=Xq7-unguessable"};
  deployment.services.back().labels["traefik.Xq7-unguessable"] = "true";
  deployment.description.services.emplace_back().settings.emplace_back().examples = {"Xq7-unguessable"};
  setting(deployment, "PLAIN", Value::plain("postgres://u:Xq7-unguessable@db/app"));
  const auto text = bundle::to_json(deployment, redactor);
  CHECK(text.find("unguessable") == std::string::npos);
  const auto read = reloaded(deployment, redactor);
  CHECK(read.directory == "/srv/[redacted:DB_PASSWORD]");
  CHECK(read.disks.count("[redacted:DB_PASSWORD]") == 1);
  CHECK(read.services.at(0).labels.count("traefik.[redacted:DB_PASSWORD]") == 1);
  CHECK(read.settings.at(0).configured->text() == "postgres://u:[redacted:DB_PASSWORD]@db/app");
}

TEST_CASE("patterns do not spoil a description", "[deployment]") {
  Deployment deployment;
  auto& rule = deployment.services.emplace_back().rule;
  rule.name = "app";
  rule.expect.emplace_back().sql = "SELECT count(*) FROM users WHERE password = 'hunter2hunter2' AND token=$1";
  rule.expect.back().forbids = "(?i)password=([^ ]+)";
  deployment.services.back().healthcheck = "curl -H 'Authorization: Bearer abcdefghijklmnop1234567890'";
  const auto read = reloaded(deployment);
  CHECK(read.services.at(0).rule.expect.at(0).sql == rule.expect.back().sql);
  CHECK(read.services.at(0).rule.expect.at(0).forbids == rule.expect.back().forbids);
  CHECK(read.services.at(0).healthcheck.find("abcdefghijklmnop") == std::string::npos);
}

TEST_CASE("what is no deployment is refused with the place and without the text", "[deployment]") {
  const auto whole = [](const std::string& fields) {
    return R"({"schema": "doctor-deployment/v1", "deployment": {)" + fields + "}}";
  };
  CHECK(bundle::deployment_from_json(whole("")).has_value());
  CHECK(bundle::deployment_from_json(whole(R"("added later": 7)")).has_value());
  CHECK(refusal("").find("line 1") == 0);
  CHECK(refusal("{\n \"unguessable\" ?").find("line 2, column ") == 0);
  CHECK(refusal("{\n \"unguessable\" ?").find("unguessable") == std::string::npos);
  CHECK(refusal(std::string(100'000, '[')) == "line 1, column 65: deeper than 64 levels");
  CHECK(refusal(std::string(17UL * 1024 * 1024, ' ')) == "larger than 16 MB");
  for (const auto* text : {"7", "[]", "{}", "null", R"({"schema": 7})", R"({"schema": "doctor-deployment/v1"})",
                           R"({"schema": "doctor-deployment/v1", "deployment": 7})",
                           R"({"schema": "doctor-deployment/v2", "deployment": {}})"})
    CHECK(!refusal(text).empty());
  for (const auto* fields :
       {R"("directory": 7)", R"("services": 7)", R"("services": {})", R"("services": [7])", R"("offline": 1)",
        R"("services": [{"replicas": 99999999999}])", R"("services": [{"replicas": 1.5}])",
        R"("services": [{"ports": [{"target": -1}]}])", R"("services": [{"ports": [{"target": 65536}]}])",
        R"("services": [{"memory_limit": -1}])", R"("settings": [{"reach": "far"}])", R"("disks": ["a"])",
        R"("settings": [{"configured": {"secret": false, "empty": true}}])", R"("settings": [{"configured": {}}])",
        R"("settings": [{"configured": 7}])"})
    CHECK(!refusal(whole(fields)).empty());
}
