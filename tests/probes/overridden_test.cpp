#include "probes/overridden.hpp"

#include "probes/recorder.hpp"
#include "probes/recorder_template.hpp"
#include "support/catch.hpp"

using namespace doctor;

namespace {

Setting setting(const std::string& name, std::optional<Value> value) {
  Setting setting;
  setting.service = "app";
  setting.name = name;
  setting.configured = setting.running = std::move(value);
  return setting;
}

template <class Question>
void answer(probes::Tape& tape, const Question& question, const typename Question::Answer& given) {
  tape.write(probes::canonical_key(question), probes::encoded(Outcome<typename Question::Answer>{given}));
}

/// NEW has another value; DERIVED is built from it, and not known; OLD and SECRET are as they were recorded.
struct World {
  World() {
    auto made = std::make_shared<Deployment>();
    made->settings = {setting("NEW", Value::secret("aaa.bbb.ccc")), setting("DERIVED", Value::secret("[redacted]")),
                      setting("OLD", Value::plain("aaa.bbb.ccc")), setting("SECRET", Value::secret("[redacted]"))};
    deployment = made;
    for (const auto* name : {"NEW", "DERIVED", "OLD", "SECRET"}) {
      const auto subject = std::string{"setting:app/"} + name;
      PostgresSessionQuestion login;
      login.source = subject;
      answer(tape, login, {});
      answer(tape, PostgresRowsQuestion{login, "SELECT 1", {}}, {});
      RedisSessionQuestion redis;
      redis.source = subject;
      answer(tape, redis, {});
      answer(tape, RedisReplyQuestion{redis, {"PING"}}, {});
      answer(tape, TokenQuestion{subject, {}}, {});
      HttpQuestion http;
      http.url = "http://a/";
      http.secrets = {{"apikey", "", subject}};
      answer(tape, http, {});
      for (const auto* predicate : {"empty", "applied", "opens"})
        answer(tape, SecretQuestion{subject, predicate, ""}, {true, ""});
    }
    answer(tape, TcpQuestion{"db", 5432}, {});
    probes.emplace(replaying.probes(), deployment, probes::Overridden{{"setting:app/NEW"}, {"setting:app/DERIVED"}});
  }

  template <class Question>
  Outcome<typename Question::Answer> ask(const Question& question) {
    return probes->probes().ask(question, Deadline::after(std::chrono::seconds{5}));
  }

  template <class Question>
  bool is_recorded(const Question& question) {
    const auto outcome = ask(question);
    if (outcome) return true;
    CHECK(outcome.error().kind == FailureKind::not_recorded);
    return false;
  }

  probes::Tape tape;
  probes::ReplayingProbes replaying{tape};
  std::shared_ptr<const Deployment> deployment;
  std::optional<probes::OverriddenProbes> probes;
};

}  // namespace

TEST_CASE("answers that were given to the old value are not replayed", "[overridden]") {
  World world;
  for (const auto* name : {"NEW", "DERIVED", "OLD", "SECRET"}) {
    INFO(name);
    const auto subject = std::string{"setting:app/"} + name;
    const bool as_before = std::string{name} == "OLD" || std::string{name} == "SECRET";
    PostgresSessionQuestion login;
    login.source = subject;
    CHECK(world.is_recorded(login) == as_before);
    CHECK(world.is_recorded(PostgresRowsQuestion{login, "SELECT 1", {}}) == as_before);
    RedisSessionQuestion redis;
    redis.source = subject;
    CHECK(world.is_recorded(redis) == as_before);
    CHECK(world.is_recorded(RedisReplyQuestion{redis, {"PING"}}) == as_before);
    HttpQuestion http;
    http.url = "http://a/";
    http.secrets = {{"apikey", "", subject}};
    CHECK(world.is_recorded(http) == as_before);
  }
  CHECK(world.is_recorded(TcpQuestion{"db", 5432}));
}

TEST_CASE("questions about the value itself are answered from the new one", "[overridden]") {
  World world;
  const auto empty = world.ask(SecretQuestion{"setting:app/NEW", "empty", ""});
  REQUIRE(empty);
  CHECK_FALSE(empty->holds);  // the recorded answer was yes
  CHECK(world.ask(SecretQuestion{"setting:app/NEW", "applied", ""})->holds);
  const auto token = world.ask(TokenQuestion{"setting:app/NEW", {}});
  REQUIRE(token);
  CHECK(token->parts == 3);  // the recorded answer had none
  CHECK(world.ask(SecretQuestion{"setting:app/OLD", "empty", ""})->holds);
  CHECK(world.ask(TokenQuestion{"setting:app/OLD", {}})->parts == 0);
}

TEST_CASE("what only the host or its database knows is not recorded", "[overridden]") {
  World world;
  CHECK_FALSE(world.is_recorded(SecretQuestion{"setting:app/DERIVED", "empty", ""}));
  CHECK_FALSE(world.is_recorded(TokenQuestion{"setting:app/DERIVED", {}}));
  CHECK_FALSE(world.is_recorded(SecretQuestion{"setting:app/NEW", "opens", ""}));
  CHECK_FALSE(world.is_recorded(SecretQuestion{"setting:app/NEW", "agrees-with", "setting:app/SECRET"}));
  CHECK_FALSE(world.is_recorded(SecretQuestion{"setting:app/SECRET", "agrees-with", "setting:app/NEW"}));
  const auto agrees = world.ask(SecretQuestion{"setting:app/NEW", "agrees-with", "setting:app/OLD"});
  REQUIRE(agrees);
  CHECK(agrees->holds);
}
