#pragma once

#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "lab/check.hpp"
#include "lab/command.hpp"
#include "lab/files.hpp"
#include "lab/smoltbot_sites.hpp"
#include "support/postgres_server.hpp"
#include "support/redis_server.hpp"

/// A smoltbot installation made of real parts on loopback: PostgreSQL, Redis, a REST front end (program `postgrest`,
/// port 3000), the gateway (program `node`, port 8787), the observer, and what they call on the Internet.
///
///   TEST_CASE("the licence server refuses the licence", "[license]") {
///     SmoltbotLab lab;                               // healthy, and nothing of the gateway runs yet
///     lab.mnemom().mode("403 /v1/license");          // inject
///     lab.set("LOG_LEVEL", "debug");                 // a variable of .env
///     lab.simulate("LAB_METRICS", "...");            // one that only the stand-in knows
///     lab.start();                                   // the gateway; start_observer() for the other role
///     lab.get("/models.json");                       // traffic
///     expect_roots(check(lab), {{"smoltbot-license-rejected", "health-answer-unexpected", "health", lab.endpoint()}},
///     1);
///   }
///
/// The programs know these LAB_ variables. node: LAB_METRICS ("SERIES=NUMBER;..."), LAB_HEARTBEAT_MS, LAB_TICK_MS
/// (observer), LAB_REDIS_ATTEMPTS (24: as if Redis had been gone for minutes), LAB_SHUTDOWN_MS, LAB_HEAP_ABORT_MS,
/// LAB_EAT_MEMORY_MB, LAB_HANG ("gateway-import", "observer-import"), LAB_BACKLOG (number), LAB_BACKGROUND_FAILURE
/// (text), LAB_STALE_LENGTH. A request header x-lab-violations: N lets the gateway pause the agent.
namespace doctor::lab {

class SmoltbotLab {
 public:
  /// `redis`: how Redis runs; a password is chosen when none is given. `postgres`: a server of its own instead of the
  /// one that all labs of this program share.
  explicit SmoltbotLab(test::RedisServer::Options redis = {}, test::PostgresServer* postgres = nullptr);
  SmoltbotLab(const SmoltbotLab&) = delete;
  SmoltbotLab& operator=(const SmoltbotLab&) = delete;
  ~SmoltbotLab();

  const Directory& directory() const { return directory_; }
  test::RedisServer& redis() { return redis_; }
  test::PostgresServer& postgres() { return postgres_; }
  const Secrets& secrets() const { return secrets_; }
  Secrets& secrets() { return secrets_; }

  std::string endpoint() const { return "endpoint:gateway:8787"; }
  std::string setting(const std::string& name) const { return "setting:gateway/" + name; }
  std::string redis_url() const { return redis_.url(); }
  std::string database_url() const;  ///< of the REST front end

  /// A variable of .env; what looks like a secret is registered as one. Running programs do not notice.
  SmoltbotLab& set(const std::string& name, const std::string& value);
  SmoltbotLab& unset(const std::string& name);
  std::string value(const std::string& name) const;  ///< "" when .env has none
  /// A variable that programs started from now on get, and that is not in .env.
  SmoltbotLab& simulate(const std::string& name, const std::string& value);

  /// The gateway with .env exported; returns when it is started up, or throws std::runtime_error with its log.
  SmoltbotLab& start(const Environment& more = {});
  /// Returns when its log holds `text`.
  SmoltbotLab& start_until(const std::string& text, const Environment& more = {});
  struct Death {
    int exit = 0;
    std::string log;
  };
  Death start_and_die(const Environment& more = {});
  /// The observer: the same program with SMOLTBOT_ROLE=scheduler.
  SmoltbotLab& start_observer(const Environment& more = {});
  SmoltbotLab& start_observer_until(const std::string& text, const Environment& more = {});
  Death start_observer_and_die(const Environment& more = {});
  void stop() { gateway_.reset(); }
  void stop_observer() { observer_.reset(); }
  pid_t pid() const { return gateway_ ? gateway_->pid() : 0; }
  pid_t observer_pid() const { return observer_ ? observer_->pid() : 0; }

  std::string log() const;
  std::string observer_log() const;
  /// Waits until a log holds `text`; throws after 20 seconds.
  SmoltbotLab& wait_for_log(const std::string& text);
  SmoltbotLab& wait_for_observer_log(const std::string& text);

  /// What the gateway answers, with curl: {"status", "body", "headers"}. `headers`: "x-api-key: ...".
  struct Answer {
    int status = 0;
    std::string body;
    std::string headers;
  };
  Answer get(const std::string& path, const std::vector<std::string>& headers = {}) const;
  Answer post(const std::string& path, const std::string& body, const std::vector<std::string>& headers = {}) const;

  /// SQL in the database `smoltbot` as the superuser.
  std::string sql(const std::string& text) const { return postgres_.sql(text, "smoltbot"); }

  /// The REST front end: "ok", "stale", "site", "bare", "slow", "stall", "close", "broken"; "refuse": it does not run.
  SmoltbotLab& rest(const std::string& mode);
  /// Starts it again, with another PGRST_DB_URI or other variables.
  SmoltbotLab& restart_rest(const Environment& more = {});
  pid_t rest_pid() const { return rest_ ? rest_->pid() : 0; }

  Site& anthropic() { return anthropic_; }
  Site& openai() { return openai_; }
  Site& gemini() { return gemini_; }
  Site& mnemom() { return mnemom_; }  ///< licences and heartbeats
  Site& cloudflare() { return cloudflare_; }

  const std::string& service_key() const { return service_key_; }  ///< what the REST front end accepts
  const std::string& anon_key() const { return anon_key_; }
  /// The claims of the licence in .env; changed ones are for license().
  nlohmann::json license_claims() const;
  /// Puts a licence with these claims into .env, and returns it.
  std::string license(const nlohmann::json& claims);
  std::string license_id() const { return license_id_; }

  Environment exported() const;  ///< what .env says

 private:
  void lay_out();
  void reset_database();
  std::unique_ptr<Child> launch(const Environment& more, const std::string& output) const;
  void wait_in(Child& child, const std::string& output, const std::string& text) const;
  Answer request(const Arguments& arguments, const std::string& path, const std::vector<std::string>& headers) const;

  Directory directory_{"smoltbot"};
  test::PostgresServer& postgres_;
  std::string database_password_;
  test::RedisServer redis_;
  std::string service_key_;
  std::string anon_key_;
  std::string license_id_;
  Secrets secrets_;
  Environment simulated_;
  Site anthropic_;
  Site openai_;
  Site gemini_;
  Site mnemom_;
  Site cloudflare_;
  std::unique_ptr<Child> rest_;
  std::unique_ptr<Child> gateway_;
  std::unique_ptr<Child> observer_;
};

/// A PostgreSQL for this whole program.
test::PostgresServer& smoltbot_postgres();

/// A JSON Web Token with these claims; nobody looks at its signature.
std::string token(const nlohmann::json& claims);

/// `doctor check` on the lab, its secrets looked for.
Result check(const SmoltbotLab& lab, const Arguments& arguments = {});

}  // namespace doctor::lab
