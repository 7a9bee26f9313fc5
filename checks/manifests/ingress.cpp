#include <algorithm>

#include "checks/manifests/facts.hpp"
#include "doctor/codes/manifests.hpp"
#include "doctor/format/text.hpp"

// What an Ingress lets through, and what ingress-nginx does to it (its annotations, and its defaults where there are
// none: proxy-body-size 1m, proxy-read-timeout 60 s, proxy-buffering off).

namespace doctor::checks::manifest {
namespace {

using formats::KubeIngress;
using formats::KubeIngressPath;

constexpr std::string_view nginx_prefix = "nginx.ingress.kubernetes.io/";
constexpr std::int64_t default_body = 1024 * 1024;
constexpr std::chrono::seconds default_timeout{60};

bool below(const std::string& path, const std::string& prefix) {
  if (prefix.empty() || prefix == "/") return true;
  if (!path.starts_with(prefix)) return false;
  return path.size() == prefix.size() || prefix.ends_with('/') || path[prefix.size()] == '/';
}

bool covers(const KubeIngressPath& rule, const std::string& path) {
  return rule.type == "Exact" ? rule.path == path : below(path, rule.path);
}

/// The rule that the request gets: an exact one, else the longest (Kubernetes, "Ingress", multiple matches).
const KubeIngressPath* route(const KubeIngress& ingress, const std::string& host, const std::string& path) {
  const KubeIngressPath* best = nullptr;
  for (const auto& rule : ingress.paths) {
    if (rule.host != host || !covers(rule, path)) continue;
    const bool longer = best == nullptr || rule.path.size() > best->path.size();
    if (rule.type == "Exact" || longer) best = &rule;
    if (rule.type == "Exact") break;
  }
  return best;
}

/// The described pod behind a rule, or nullptr.
const Pod* behind(const Facts& facts, const KubeIngressPath& rule) {
  for (const auto& service : facts.read.services) {
    if (service.object.name != rule.service) continue;
    for (const auto& pod : facts.pods)
      if (pod.rule != nullptr && selects(service.selector, pod.workload->pod_labels)) return &pod;
    return nullptr;
  }
  return nullptr;
}

bool is_ingress_nginx(const KubeIngress& ingress) {
  const auto& annotations = ingress.object.annotations;
  const auto any = [&](std::string_view prefix) {
    return std::any_of(annotations.begin(), annotations.end(),
                       [&](const auto& one) { return std::string_view{one.first}.starts_with(prefix); });
  };
  if (any(nginx_prefix)) return true;
  return ingress.controller.find("nginx") != std::string::npos && !any("nginx.org/");
}

class IngressJudge {
 public:
  IngressJudge(const Facts& facts, const KubeIngress& ingress, Judgement& out)
      : facts_{facts}, ingress_{ingress}, out_{out} {}

  void all() {
    for (const auto& rule : ingress_.paths) {
      const auto* pod = behind(facts_, rule);
      if (pod == nullptr || std::find(seen_.begin(), seen_.end(), pod) != seen_.end()) continue;
      seen_.push_back(pod);
      judge_hidden(*pod, rule);
      if (!is_ingress_nginx(ingress_)) continue;
      judge_body(*pod, rule);
      judge_streams(*pod, rule);
    }
  }

 private:
  const std::string* annotation(std::string_view name) const {
    const auto found = ingress_.object.annotations.find(std::string{nginx_prefix} + std::string{name});
    return found == ingress_.object.annotations.end() ? nullptr : &found->second;
  }

  Place place_of(std::string_view name) const {
    const auto found = ingress_.annotation_places.find(std::string{nginx_prefix} + std::string{name});
    return found == ingress_.annotation_places.end() ? ingress_.object.place : found->second;
  }

  std::vector<Evidence> about(const Pod& pod, const Place& place) const {
    return {item("service", pod.service, pod.container->place),
            item("ingress", ingress_.object.name, ingress_.object.place), item("place", place.text(), place)};
  }

  /// A snippet that names the path mostly forbids it; what it really does only nginx knows.
  bool handled(const std::string& path) const {
    const auto& annotations = ingress_.object.annotations;
    return std::any_of(annotations.begin(), annotations.end(), [&](const auto& one) {
      return one.first.ends_with("-snippet") && one.second.find(path) != std::string::npos;
    });
  }

  void judge_hidden(const Pod& pod, const KubeIngressPath& rule) {
    if (!pod.rule->proxy) return;
    std::vector<std::string> exposed;
    for (const auto& path : pod.rule->proxy->hidden) {
      const auto* best = route(ingress_, rule.host, path);
      if (best != nullptr && best->service == rule.service && !handled(path)) exposed.push_back(path);
    }
    if (exposed.empty()) return;
    auto evidence = about(pod, rule.place);
    evidence.push_back(item("paths", formats::join(exposed, ", "), rule.place));
    out_.findings.emplace_back(codes::manifest_path_exposed, pod.subject(), std::move(evidence));
  }

  /// "10m" of nginx in bytes; 0: no limit; nothing: not to be read.
  static std::optional<std::int64_t> size_of(std::string text) {
    std::int64_t unit = 1;
    if (!text.empty() && text.find_first_of("kKmMgG") == text.size() - 1) {
      unit = text.back() == 'k' || text.back() == 'K'   ? std::int64_t{1} << 10
             : text.back() == 'm' || text.back() == 'M' ? std::int64_t{1} << 20
                                                        : std::int64_t{1} << 30;
      text.pop_back();
    }
    const auto number = formats::integer(text);
    if (!number || *number < 0 || *number > (std::int64_t{1} << 32)) return std::nullopt;
    return *number * unit;
  }

  void judge_body(const Pod& pod, const KubeIngressPath& rule) {
    std::int64_t needed = 0;
    for (const auto& limit : pod.rule->limits)
      if (covers(rule, limit.path)) needed = std::max(needed, limit.constant);
    const auto* text = annotation("proxy-body-size");
    const auto limit = text == nullptr ? std::optional{default_body} : size_of(*text);
    if (!limit || *limit == 0 || *limit >= needed) return;
    const auto place = place_of("proxy-body-size");
    auto evidence = about(pod, place);
    evidence.push_back(item("limit", text == nullptr ? "1m, the default" : *text, place));
    evidence.push_back(item("needed", std::to_string((needed + (1 << 20) - 1) >> 20) + "m", place));
    out_.findings.emplace_back(codes::manifest_body_limit_small, pod.subject(), std::move(evidence));
  }

  void judge_streams(const Pod& pod, const KubeIngressPath& rule) {
    if (!pod.rule->proxy) return;
    const auto& streams = pod.rule->proxy->streams;
    if (std::none_of(streams.begin(), streams.end(), [&](const std::string& path) { return covers(rule, path); }))
      return;
    judge_timeout(pod);
    const auto* buffering = annotation("proxy-buffering");
    if (buffering == nullptr || formats::lower(*buffering) != "on") return;
    const auto place = place_of("proxy-buffering");
    out_.findings.emplace_back(codes::manifest_stream_buffered, pod.subject(), about(pod, place));
  }

  void judge_timeout(const Pod& pod) {
    const auto needed = pod.rule->proxy->longest;
    const auto* text = annotation("proxy-read-timeout");
    const auto number = text == nullptr ? std::optional<std::int64_t>{default_timeout.count()}
                                        : std::optional<std::int64_t>{formats::integer(*text).value_or(-1)};
    if (*number < 0 || std::chrono::seconds{std::min<std::int64_t>(*number, 1'000'000)} >= needed) return;
    const auto place = place_of("proxy-read-timeout");
    auto evidence = about(pod, place);
    evidence.push_back(item("timeout", text == nullptr ? "60, the default" : *text, place));
    evidence.push_back(item("needed", std::to_string(needed.count() / 1000), place));
    out_.findings.emplace_back(codes::manifest_read_timeout_short, pod.subject(), std::move(evidence));
  }

  const Facts& facts_;
  const KubeIngress& ingress_;
  Judgement& out_;
  std::vector<const Pod*> seen_;
};

}  // namespace

void judge_ingresses(const Facts& facts, Judgement& out) {
  for (const auto& ingress : facts.read.ingresses) IngressJudge{facts, ingress, out}.all();
}

}  // namespace doctor::checks::manifest
