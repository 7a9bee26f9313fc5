#pragma once

#include <atomic>

#include "lab/smoltbot_fetch.hpp"
#include "lab/smoltbot_http.hpp"
#include "lab/smoltbot_metrics.hpp"
#include "lab/smoltbot_redis.hpp"

namespace smoltbot {

/// The requests that the application answers.
class Gateway {
 public:
  explicit Gateway(Store& store) : store_(store) {}
  Response answer(const Request& request);
  Metrics& metrics() { return metrics_; }
  void ready() { started_ = true; }  ///< the start-up is complete

 private:
  Response route(const Request& request);
  Response health(const Request& request) const;
  Response readiness();
  Response proxied(const Request& request, const std::string& provider);
  std::string agent_of(const std::string& key, std::string& containment);
  std::string create_agent(const std::string& id, const std::string& hash);
  std::string billing_verdict(const std::string& agent);
  void check_containment(const Request& request, const std::string& agent);
  std::string analyse();

  Store& store_;
  Metrics metrics_;
  std::atomic<bool> started_{false};
  std::atomic<int> failures_{0};
};

/// HEAD on the REST front end, without a key, as readiness and nothing else does it.
bool supabase_answers();

}  // namespace smoltbot
