#include "lab/smoltbot_gateway.hpp"

#include <openssl/sha.h>

#include <array>
#include <chrono>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "lab/smoltbot_license.hpp"
#include "lab/smoltbot_runtime.hpp"

namespace smoltbot {
namespace {

using nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

struct Provider {
  const char* name;
  const char* header;
  const char* missing;
  const char* base;
};

constexpr std::array<Provider, 3> providers{
    Provider{"anthropic", "x-api-key", "Missing x-api-key header", "https://api.anthropic.com"},
    Provider{"openai", "authorization", "Missing Authorization: Bearer <key> header", "https://api.openai.com"},
    Provider{"gemini", "x-goog-api-key", "Missing x-goog-api-key header", "https://generativelanguage.googleapis.com"}};

Response json_answer(int status, const ordered_json& body) {
  return {status, body.dump(-1, ' ', false, ordered_json::error_handler_t::replace)};
}

Response gateway_error(const std::string& message) {
  return json_answer(500, {{"error", "Internal gateway error"}, {"type", "gateway_error"}, {"message", message}});
}

Response not_found() {
  return json_answer(404,
                     {{"error", "Not found"},
                      {"type", "not_found"},
                      {"message", "This gateway handles /health, /anthropic/*, /openai/*, and /gemini/* endpoints"}});
}

std::string provider_of(const std::string& path) {
  for (const auto& provider : providers)
    if (path == std::string{"/"} + provider.name || path.starts_with(std::string{"/"} + provider.name + "/"))
      return provider.name;
  return "unknown";
}

std::string sha256(const std::string& text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::string hex;
  for (const auto byte : digest) {
    hex += "0123456789abcdef"[byte >> 4U];
    hex += "0123456789abcdef"[byte & 15U];
  }
  return hex;
}

std::vector<std::pair<std::string, std::string>> rest_headers() {
  const auto key = variable_or("SUPABASE_KEY", "");
  return {{"apikey", key}, {"Authorization", "Bearer " + key}, {"Content-Type", "application/json"}};
}

FetchAnswer rest(const std::string& method, const std::string& path, const std::string& body = {}) {
  return fetch({method, variable_or("SUPABASE_URL", "") + "/rest/v1/" + path, rest_headers(), body, 0});
}

/// As JSON.parse does, with its words.
ordered_json parsed(const std::string& text) {
  auto json = ordered_json::parse(text, nullptr, false);
  if (!json.is_discarded()) return json;
  throw std::runtime_error("Unexpected token '" + text.substr(0, 1) + "', \"" + text.substr(0, 10) +
                           "\"... is not valid JSON");
}

/// Milliseconds since `begin`.
long elapsed(Clock::time_point begin) {
  return static_cast<long>(std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin).count());
}

}  // namespace

bool supabase_answers() {
  const auto answer = fetch({"HEAD", variable_or("SUPABASE_URL", "") + "/rest/v1/", {}, {}, 5000});
  return answer.error.empty() && answer.status < 500;
}

Response Gateway::answer(const Request& request) {
  const auto begin = Clock::now();
  auto response = route(request);
  response.headers.emplace_back("access-control-allow-origin", "*");
  response.headers.emplace_back("access-control-expose-headers", "x-smoltbot-agent, x-smoltbot-session, X-AIP-Verdict");
  const auto provider = provider_of(request.path);
  const bool counted = provider != "unknown" || request.path == "/health" || !request.path.starts_with("/health");
  if (counted && request.path != "/metrics") {
    metrics_.count("gateway_requests_total{provider=\"" + provider + "\",status=\"" + std::to_string(response.status) +
                   "\"}");
    metrics_.observe(provider, std::chrono::duration<double>(Clock::now() - begin).count());
  }
  return response;
}

Response Gateway::route(const Request& request) {
  if (request.path.starts_with("/health")) return health(request).status != 404 ? health(request) : readiness();
  if (request.path == "/metrics") return {200, metrics_.text(), "text/plain; version=0.0.4; charset=utf-8"};
  if (request.method == "OPTIONS") return {204, "", ""};
  if (!license_allows(store_))
    return json_answer(403, {{"error", "License invalid or expired"}, {"type", "license_error"}});
  if (request.path == "/models.json") {
    auto response = json_answer(200, {{"anthropic", {{"claude-haiku-4-5-20251001", ordered_json::object()}}},
                                      {"openai", {{"gpt-5", ordered_json::object()}}},
                                      {"gemini", {{"gemini-2.5-pro", ordered_json::object()}}}});
    response.headers.emplace_back("Cache-Control", "public, max-age=3600");
    return response;
  }
  const auto provider = provider_of(request.path);
  return provider == "unknown" ? not_found() : proxied(request, provider);
}

/// All but readiness, which 404 stands for.
Response Gateway::health(const Request& request) const {
  if (request.path == "/health")
    return json_answer(200, {{"status", "ok"},
                             {"version", variable_or("GATEWAY_VERSION", "1.0.0-selfhosted")},
                             {"timestamp", now_text()},
                             {"aip_enabled", variable_or("AIP_ENABLED", "true") != "false"}});
  if (request.path == "/health/live") return json_answer(200, {{"status", "ok"}, {"timestamp", now_text()}});
  if (request.path != "/health/startup") return {404, ""};
  if (!started_) return json_answer(503, {{"status", "starting"}});
  return json_answer(200, {{"status", "ok"}, {"timestamp", now_text()}});
}

Response Gateway::readiness() {
  if (!started_) return json_answer(503, {{"status", "not_ready"}});
  auto begin = Clock::now();
  ordered_json redis{{"ok", store_.ping()}};
  if (!store_.in_memory()) redis["latencyMs"] = elapsed(begin);
  begin = Clock::now();
  const bool answers = supabase_answers();
  const ordered_json supabase{{"ok", answers}, {"latencyMs", elapsed(begin)}};
  const auto license_state = license_health();
  ordered_json license{{"ok", license_state.ok}};
  if (!license_state.warning.empty()) license["warning"] = license_state.warning;
  const bool good = redis["ok"].get<bool>() && answers && license_state.ok;
  return json_answer(good ? 200 : 503, {{"status", good ? "ok" : "degraded"},
                                        {"checks", {{"redis", redis}, {"supabase", supabase}, {"license", license}}},
                                        {"timestamp", now_text()}});
}

Response Gateway::proxied(const Request& request, const std::string& name) {
  const auto& provider = name == "anthropic" ? providers[0] : name == "openai" ? providers[1] : providers[2];
  const auto key = request.header(provider.header);
  if (key.empty()) return json_answer(401, {{"error", provider.missing}, {"type", "authentication_error"}});
  // The body was made longer and is sent with the length that the client named: no byte ever leaves.
  if (request.method == "POST" && !missing("LAB_STALE_LENGTH")) {
    while (pause_for(1000)) continue;
    return {0, ""};
  }
  try {
    std::string containment;
    const auto agent = agent_of(key, containment);
    if (containment == "paused" || containment == "killed")
      return json_answer(
          403, {{"error", "Agent contained"}, {"type", "containment_error"}, {"reason", "agent_" + containment}});
    if (const auto reason = billing_verdict(agent); !reason.empty())
      return json_answer(
          402, {{"error", "Request blocked by billing policy"}, {"type", "billing_error"}, {"reason", reason}});
    FetchRequest onward{request.method,
                        provider.base + request.path.substr(name.size() + 1),
                        {{provider.header, key}},
                        request.body,
                        0};
    if (!request.body.empty()) onward.headers.emplace_back("Content-Type", request.header("content-type"));
    const auto answer = fetch(onward);
    if (!answer.error.empty()) {
      log("error", "Gateway error: " + answer.error + "\nTypeError: " + answer.error +
                       "\n    at node:internal/deps/undici/undici:13510:13\n    at async handleProviderProxy "
                       "(file:///app/dist/gateway-worker.js:3120:22)");
      return gateway_error(answer.error);
    }
    check_containment(request, agent);
    Response response{answer.status, answer.body, answer.header("content-type")};
    // The body was decompressed; the headers of the compressed one are kept.
    if (const auto encoding = answer.header("content-encoding"); !encoding.empty()) {
      response.headers.emplace_back("content-encoding", encoding);
      response.length = std::stoul("0" + answer.header("content-length"));
    }
    response.headers.emplace_back("x-smoltbot-agent", agent);
    response.headers.emplace_back("X-AIP-Verdict", answer.status == 200 ? analyse() : "skipped");
    return response;
  } catch (const std::runtime_error& error) {
    log("error", std::string{"Gateway error: "} + error.what() + "\nError: " + error.what() +
                     "\n    at async getOrCreateAgent (file:///app/dist/gateway-worker.js:1020:11)");
    return gateway_error(error.what());
  }
}

std::string Gateway::agent_of(const std::string& key, std::string& containment) {
  const auto hash = sha256(key);
  const auto answer = rest("GET", "agents?agent_hash=eq." + hash.substr(0, 16) + "&select=*");
  if (!answer.error.empty()) throw std::runtime_error(answer.error);
  if (!answer.ok()) throw std::runtime_error("Supabase lookup failed: " + std::to_string(answer.status));
  const auto rows = parsed(answer.body);
  const auto id = "smolt-" + hash.substr(0, 8);
  if (!rows.is_array() || rows.empty()) return create_agent(id, hash.substr(0, 16));
  if (rows[0].contains("containment_status") && rows[0]["containment_status"].is_string())
    containment = rows[0]["containment_status"].get<std::string>();
  return id;
}

std::string Gateway::create_agent(const std::string& id, const std::string& hash) {
  const auto agent = rest("POST", "agents", ordered_json{{"id", id}, {"agent_hash", hash}}.dump());
  if (!agent.error.empty()) throw std::runtime_error(agent.error);
  if (!agent.ok())
    throw std::runtime_error("Failed to create agent: " + std::to_string(agent.status) + " - " + agent.body);
  const auto card =
      rest("POST", "alignment_cards", ordered_json{{"id", "ac-" + id.substr(6)}, {"agent_id", id}}.dump());
  if (!card.ok()) log("warn", "Failed to upsert alignment card: " + std::to_string(card.status));
  return id;
}

/// Why the request must be paid for first; "" when it need not.
std::string Gateway::billing_verdict(const std::string& agent) {
  if (variable_or("BILLING_ENFORCEMENT_ENABLED", "false") != "true") return {};
  auto context = store_.get("quota:agent:" + agent);
  if (context.empty()) {
    const auto answer = rest("POST", "rpc/get_quota_context_for_agent", ordered_json{{"p_agent_id", agent}}.dump());
    if (!answer.ok()) {
      log("warn", "[quota] RPC failed (" + std::to_string(answer.status) + "), fail-open");
      return {};
    }
    context = answer.body;
    store_.put("quota:agent:" + agent, context, 300);
  }
  const auto json = ordered_json::parse(context, nullptr, false);
  const auto status = json.is_object() ? json.value("account_status", "active") : "active";
  return status == "active" ? "" : "account_" + status;
}

/// A test says by a header how many violations in a row were found.
void Gateway::check_containment(const Request& request, const std::string& agent) {
  const auto violations = request.header("x-lab-violations");
  if (violations.empty()) return;
  log("info", "[gateway/containment] Auto-pausing agent " + agent + ": " + violations +
                  " consecutive boundary violations (threshold: 3)");
  rest("PATCH", "agents?id=eq." + agent, R"({"containment_status":"paused"})");
}

/// The verdict about a response; the application's own key is used for it.
std::string Gateway::analyse() {
  if (variable_or("AIP_ENABLED", "true") == "false") return "disabled";
  constexpr int breaker = 5;
  std::string verdict = "error";
  if (failures_ >= breaker) {
    log("warn", "[gateway/aip] Analysis circuit breaker open — skipping call");
  } else {
    const auto answer =
        fetch({"POST",
               "https://api.anthropic.com/v1/messages",
               {{"x-api-key", variable_or("ANTHROPIC_API_KEY", "")}, {"Content-Type", "application/json"}},
               R"({"model":"claude-haiku-4-5-20251001"})",
               10000});
    if (answer.ok()) {
      verdict = "clear";
      failures_ = 0;
    } else {
      const auto why = answer.error.empty()
                           ? "Analysis LLM returned " + std::to_string(answer.status) + ": " + answer.body
                           : answer.error;
      log("error", "[gateway/aip] callAnalysisLLM failed (attempt 1): " + why);
      if (++failures_ == breaker) log("error", "[gateway/aip] Circuit breaker OPEN after 5 consecutive failures");
    }
  }
  metrics_.count("gateway_aip_checks_total{verdict=\"" + verdict + "\"}");
  return verdict;
}

}  // namespace smoltbot
