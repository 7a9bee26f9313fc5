#include "deployment/public_urls.hpp"

#include <algorithm>
#include <optional>

#include "deployment/discover_http.hpp"

namespace doctor::deployment {
namespace {

bool is_example(const SettingRule& rule, const std::string& text) {
  return std::any_of(rule.examples.begin(), rule.examples.end(), [&](const std::string& example) {
    return !example.empty() && text.find(example) != std::string::npos;
  });
}

std::optional<PublicUrl> public_url(const Deployment& deployment, const Setting& setting) {
  const auto* service = deployment.service(setting.service);
  const auto& value = setting.value();
  if (service == nullptr || !service->enabled || !value || value->is_secret()) return std::nullopt;
  const auto& text = value->text();
  if (text.empty() || is_example(setting.rule, text)) return std::nullopt;
  std::string problem;
  auto base = parse_base_url(text, problem);
  if (!problem.empty()) return std::nullopt;  // the check of settings says so
  PublicUrl url;
  url.service = setting.service;
  url.setting = setting.subject();
  url.tls = base.url.starts_with("https://");
  url.url = std::move(base.url);
  url.host = std::move(base.host);
  url.port = base.port;
  url.endpoint = "endpoint:" + setting.service + ":public";
  return url;
}

}  // namespace

std::vector<PublicUrl> find_public_urls(const Deployment& deployment) {
  std::vector<PublicUrl> urls;
  for (const auto* setting : deployment.with_role("public-url"))
    if (auto url = public_url(deployment, *setting)) urls.push_back(std::move(*url));
  return urls;
}

}  // namespace doctor::deployment
