#include <algorithm>
#include <chrono>

#include "checks/health/facts.hpp"
#include "doctor/outside.hpp"

namespace doctor::checks::health_check {
namespace {

using std::chrono::milliseconds;
using Requests = std::vector<RequestFacts>;

/// What a page may take without being called patient.
constexpr milliseconds usual{8000};

/// With less than this a silence says nothing.
constexpr milliseconds hardly_any{500};

RequestFacts request(const HttpBase& base, const Expectation& expected, std::size_t number) {
  RequestFacts facts;
  facts.endpoint = base.endpoint;
  facts.url = base.url + expected.http;
  facts.vantage = base.dial.vantage;
  facts.host = base.dial.host;
  facts.address = base.dial.host + ":" + std::to_string(base.dial.port);
  facts.expected = expected;
  facts.number = number;
  facts.doubt = base.dial.doubt;
  if (base.url.empty()) facts.unseen = base.dial.reason.empty() ? "its address is not known" : base.dial.reason;
  return facts;
}

/// What can be asked of a service of which nothing is known.
Expectation any_answer() {
  Expectation expected;
  expected.http = "/";
  return expected;
}

Requests requests_to(const HttpBase& base, const Deployment& deployment) {
  Requests requests;
  const auto* service = deployment.service(base.service);
  if (service != nullptr && !service->enabled) return requests;
  if (service != nullptr)
    for (std::size_t i = 0; i < service->rule.expect.size(); ++i)
      if (!service->rule.expect[i].http.empty()) requests.push_back(request(base, service->rule.expect[i], i));
  if (!requests.empty()) return requests;
  requests.push_back(request(base, any_answer(), 0));
  requests.back().described = false;
  return requests;
}

bool same_page(const RequestFacts& a, const RequestFacts& b) {
  return a.url == b.url && a.expected.method == b.expected.method && a.vantage == b.vantage;
}

/// A silent service must be told about before the check's own time is up, and so must the next one. The limit belongs
/// to the question, so that it may not depend on the time that is left. Expectations about one page share its request:
/// the most patient of them gives the limit.
milliseconds limit_of(const RequestFacts& page, const Requests& requests, std::size_t services) {
  constexpr milliseconds shared{9000};
  milliseconds limit{0};
  for (const auto& one : requests)
    if (same_page(one, page)) limit = std::max(limit, one.expected.timeout);
  if (limit > usual) return limit;
  const auto count = static_cast<milliseconds::rep>(std::max<std::size_t>(services, 1));
  return std::min(limit, shared / count);
}

Outcome<HttpAnswer> ask(const Context& context, const RequestFacts& facts, milliseconds limit) {
  HttpQuestion question;
  question.url = facts.url;
  question.method = facts.expected.method;
  question.limit = limit;
  if (!facts.vantage.empty()) question.vantage = facts.vantage;
  return context.ask(question);
}

/// What does not answer one page answers no other, and who has waited long for one does not wait long for a second.
void ask_all(const Context& context, const Requests& requests, Requests& facts) {
  const auto services = context.deployment.http.size() + context.deployment.public_urls.size();
  const auto begin = facts.size();
  bool has_waited = false;
  for (auto one : requests) {
    const auto known = std::find_if(facts.begin() + static_cast<std::ptrdiff_t>(begin), facts.end(),
                                    [&](const RequestFacts& other) { return same_page(one, other); });
    const auto limit = limit_of(one, requests, services);
    if (known != facts.end()) {
      one.answer = known->answer;
      one.unseen = known->unseen;
    } else if (one.unseen.empty() && has_waited && limit > usual) {
      one.unseen = "not asked for " + one.expected.http + ", since another page took long enough";
    } else if (one.unseen.empty() && context.deadline.remaining() < hardly_any) {
      one.unseen = "no time was left to ask for " + one.expected.http;
    } else if (one.unseen.empty()) {
      one.answer = ask(context, one, limit);
      has_waited = has_waited || (*one.answer && (*one.answer)->took > usual);
    }
    const bool silent = one.answer ? !*one.answer : !has_waited;
    facts.push_back(std::move(one));
    if (silent) return;
  }
}

bool is_running(const Deployment& deployment, const std::string& name) {
  const auto* service = deployment.service(name);
  if (service == nullptr || !service->enabled) return false;
  return service->process || (service->container && service->container->status == "running");
}

std::optional<std::size_t> same_request(const Requests& facts, const std::string& endpoint, const RequestFacts& one) {
  for (std::size_t i = 0; i < facts.size(); ++i)
    if (facts[i].endpoint == endpoint && facts[i].number == one.number && facts[i].expected.http == one.expected.http)
      return i;
  return std::nullopt;
}

/// A page that is not for the public may be closed to it, and should be.
void remove_hidden(const Deployment& deployment, const std::string& name, Requests& requests) {
  const auto* service = deployment.service(name);
  if (service == nullptr || !service->rule.proxy) return;
  const auto& hidden = service->rule.proxy->hidden;
  const auto is_hidden = [&](const RequestFacts& one) {
    return std::find(hidden.begin(), hidden.end(), one.expected.http) != hidden.end();
  };
  requests.erase(std::remove_if(requests.begin(), requests.end(), is_hidden), requests.end());
}

/// The same questions at the address that users have. Where the service itself does not answer, or is not known to
/// run, they would tell nothing about the way there.
Requests requests_to(const PublicUrl& url, const Context& context, const Requests& facts) {
  const auto& deployment = context.deployment;
  const auto base = std::find_if(deployment.http.begin(), deployment.http.end(),
                                 [&](const HttpBase& one) { return one.service == url.service; });
  const bool is_direct = base != deployment.http.end() && base->url == url.url;
  const auto asked_directly = [&](const RequestFacts& one) {
    return base != deployment.http.end() && one.endpoint == base->endpoint && one.answer;
  };
  const bool answers = std::any_of(facts.begin(), facts.end(),
                                   [&](const RequestFacts& one) { return asked_directly(one) && *one.answer; });
  const bool silent = !answers && std::any_of(facts.begin(), facts.end(), asked_directly);
  if (is_kept_from(deployment, url.host)) return {};
  if (is_direct || silent || (!answers && !is_running(deployment, url.service))) return {};
  HttpBase public_base;
  public_base.service = url.service;
  public_base.endpoint = url.endpoint;
  public_base.url = url.url;
  public_base.dial.host = url.host;
  public_base.dial.port = url.port;
  public_base.dial.vantage = host_vantage;
  auto requests = requests_to(public_base, deployment);
  remove_hidden(deployment, url.service, requests);
  if (base != deployment.http.end())
    for (auto& one : requests) one.direct = same_request(facts, base->endpoint, one);
  return requests;
}

std::optional<ContainerFacts> container_behind(const HttpBase& base, const Deployment& deployment) {
  const auto* service = deployment.service(base.service);
  if (service == nullptr || !service->enabled || !service->container || !service->described()) return std::nullopt;
  const auto& container = *service->container;
  if (container.status != "running") return std::nullopt;
  ContainerFacts facts;
  facts.service = service->name;
  facts.container = container.name;
  facts.endpoint = base.endpoint;
  facts.health = container.health;
  if (!container.health_log.empty()) facts.output = container.health_log.back();
  return facts;
}

}  // namespace

Facts observe(const Context& context) {
  Facts facts;
  const auto& deployment = context.deployment;
  for (const auto& base : deployment.http) {
    ask_all(context, requests_to(base, deployment), facts.requests);
    if (auto container = container_behind(base, deployment)) facts.containers.push_back(*std::move(container));
  }
  for (const auto& url : deployment.public_urls)
    ask_all(context, requests_to(url, context, facts.requests), facts.requests);
  return facts;
}

}  // namespace doctor::checks::health_check
