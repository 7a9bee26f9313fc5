#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "doctor/check.hpp"
#include "doctor/codes/limits.hpp"
#include "doctor/format/proxy_routes.hpp"
#include "doctor/format/text.hpp"
#include "doctor/proxy_files.hpp"

namespace doctor::checks {
namespace {

constexpr std::uint64_t mebi = 1024 * 1024;

// ---- facts

/// One hop that an upload must fit through.
struct Link {
  std::string name;  ///< "nginx", "MAX_FILE_SIZE_MB"
  std::uint64_t bytes = 0;
  std::string text;   ///< "1 MiB"
  std::string where;  ///< "nginx.conf:12"; may be empty
};

struct ProxyLink {
  Link link;
  std::string subject;
  bool decimal = false;  ///< written in powers of 1000
};

/// An upload of one service, from the outside in.
struct UploadFacts {
  std::string service;
  std::string path;
  std::optional<Link> edge;  ///< a content delivery network, as far as the deployment shows it
  std::vector<ProxyLink> proxies;
  std::optional<Link> setting;
  std::string setting_subject;
  bool setting_judged = false;  ///< its description has a range, which env holds it against
  std::optional<Link> constant;
  std::optional<Link> quota;
  std::optional<Outcome<FileSystemAnswer>> disk;
};

struct MemoryFacts {
  std::uint64_t limits = 0;  ///< of all containers together
  int services = 0;
  Outcome<MemoryAnswer> memory;
};

struct Facts {
  std::vector<UploadFacts> uploads;
  std::optional<MemoryFacts> memory;
  std::vector<std::string> unrecorded;  ///< proxies whose configuration a replay does not have
};

// ---- observe

std::uint64_t unit_of(const std::string& unit) {
  if (unit == "KiB") return 1024;
  if (unit == "MiB") return mebi;
  if (unit == "GiB") return 1024 * mebi;
  if (unit == "KB") return 1000;
  if (unit == "MB") return 1'000'000;
  return unit == "GB" ? 1'000'000'000 : 1;
}

std::string size(std::uint64_t bytes) {
  if (bytes % mebi == 0) return std::to_string(bytes / mebi) + " MiB";
  return bytes % 1'000'000 == 0 ? std::to_string(bytes / 1'000'000) + " MB" : formats::bytes(bytes);
}

/// The line that decides: the compose file's where it does not look at .env.
std::string place_to_edit(const Setting& setting) {
  const bool is_pinned = setting.reach == Reach::pinned && setting.passed_at.has_value();
  return is_pinned ? setting.passed_at->text() : setting.where();
}

/// What the setting allows; nothing for one that is not set, no number, or no limit.
std::optional<Link> link_of(const Setting* setting, const std::string& unit) {
  if (setting == nullptr || setting->rule.secret) return std::nullopt;
  const auto& value = setting->value();
  if (value && value->is_secret()) return std::nullopt;
  const auto& text = value && !value->text().empty() ? value->text() : setting->rule.fallback;
  const auto number = formats::integer(text);
  const auto factor = unit_of(unit);
  if (!number || *number <= 0) return std::nullopt;
  const auto count = static_cast<std::uint64_t>(*number);
  if (count > std::numeric_limits<std::uint64_t>::max() / factor) return std::nullopt;
  return Link{setting->name, count * factor, formats::shown(text, 20) + " " + unit, place_to_edit(*setting)};
}

std::optional<Link> edge_of(const Deployment& deployment) {
  for (const auto& service : deployment.services)
    if (service.enabled && service.image.find("cloudflared") != std::string::npos)
      return Link{"Cloudflare", 100'000'000, "100 MB on the free plans", service.place.text()};
  return std::nullopt;
}

std::vector<ProxyLink> links_of(const std::vector<formats::ProxyReading>& readings, const std::string& service,
                                const std::string& path) {
  std::vector<ProxyLink> links;
  for (const auto& reading : readings)
    for (const auto& route : reading.routes) {
      const bool ours = route.want.service == service && route.want.path == path && !route.want.websocket &&
                        route.target == formats::ProxyTarget::service;
      if (!ours || route.body_limit.value == 0) continue;
      const bool preset = route.body_limit.place.line == 0;
      Link link{reading.proxy.kind, route.body_limit.value, route.body_limit_text,
                preset ? route.place.text() : route.body_limit.place.text()};
      if (preset) link.text += " by default";
      links.push_back({std::move(link), reading.proxy.subject, route.body_limit_decimal});
    }
  return links;
}

UploadFacts look_at(const Context& context, const Service& service, const LimitRule& rule,
                    const std::vector<formats::ProxyReading>& readings) {
  const auto& deployment = context.deployment;
  UploadFacts facts;
  facts.service = service.name;
  facts.path = rule.path;
  facts.edge = edge_of(deployment);
  facts.proxies = links_of(readings, service.name, rule.path);
  const auto* setting = rule.setting.empty() ? nullptr : deployment.setting(service.name, rule.setting);
  facts.setting = link_of(setting, rule.unit);
  if (setting != nullptr) {
    facts.setting_subject = setting->subject();
    facts.setting_judged = setting->rule.most.has_value();
  }
  if (rule.constant > 0) {
    const auto bytes = static_cast<std::uint64_t>(rule.constant);
    facts.constant = Link{"the server", bytes, size(bytes), {}};
  }
  facts.quota = rule.quota.empty() ? std::nullopt : link_of(deployment.setting(service.name, rule.quota), rule.unit);
  const auto disk = deployment.disks.find("storage");
  if (disk != deployment.disks.end()) facts.disk = context.ask(FileSystemQuestion{disk->second});
  return facts;
}

std::optional<MemoryFacts> look_at_memory(const Context& context) {
  MemoryFacts facts;
  for (const auto& service : context.deployment.services) {
    if (!service.enabled) continue;
    const auto limit = service.container ? service.container->memory_limit : service.memory_limit;
    if (limit == 0) continue;
    facts.limits += limit * static_cast<std::uint64_t>(std::max(service.replicas, 1));
    ++facts.services;
  }
  if (facts.services == 0) return std::nullopt;
  facts.memory = context.ask(MemoryQuestion{});
  return facts;
}

Facts observe(const Context& context) {
  Facts facts;
  const auto& services = context.deployment.services;
  const bool any = std::any_of(services.begin(), services.end(),
                               [](const Service& one) { return one.enabled && !one.rule.limits.empty(); });
  std::vector<formats::ProxyReading> readings;
  if (any)
    for (const auto& proxy : context.deployment.proxies) {
      if (lacks_recording(context, proxy)) facts.unrecorded.push_back(proxy.subject);
      readings.push_back(formats::read_proxy(context.deployment, proxy, proxy_files(context, proxy)));
    }
  for (const auto& service : services)
    if (service.enabled)
      for (const auto& rule : service.rule.limits) facts.uploads.push_back(look_at(context, service, rule, readings));
  facts.memory = look_at_memory(context);
  return facts;
}

// ---- diagnose

/// What the application itself lets through; nothing: it has no limit.
std::optional<Link> of_application(const UploadFacts& facts) {
  if (!facts.setting) return facts.constant;
  return facts.constant && facts.constant->bytes < facts.setting->bytes ? facts.constant : facts.setting;
}

/// "nginx 1 MiB by default (nginx.conf:12) < MAX_FILE_SIZE_MB 100 MiB (.env:9) < the server 110 MiB", smallest first.
std::string chain(const UploadFacts& facts) {
  std::vector<Link> links;
  for (const auto& proxy : facts.proxies) links.push_back(proxy.link);
  for (const auto* link : {&facts.edge, &facts.setting, &facts.constant, &facts.quota})
    if (*link) links.push_back(**link);
  std::stable_sort(links.begin(), links.end(), [](const Link& a, const Link& b) { return a.bytes < b.bytes; });
  std::string text;
  for (std::size_t i = 0; i < links.size(); ++i) {
    if (i > 0) text += links[i - 1].bytes == links[i].bytes ? " = " : " < ";
    text += links[i].name + " " + links[i].text;
    if (!links[i].where.empty()) text += " (" + links[i].where + ")";
  }
  return formats::shown(text, 400);
}

Evidence item(std::string name, std::string value, std::string source = {}) {
  return {std::move(name), std::move(value), std::move(source), {}};
}

void judge_proxies(const UploadFacts& facts, const Link& own, Judgement& out) {
  for (const auto& proxy : facts.proxies) {
    if (proxy.link.bytes >= own.bytes) continue;
    // A limit that falls short by the difference of the units was meant to be the same.
    const bool units = proxy.decimal && proxy.link.bytes >= own.bytes / 100 * 90;
    const auto code = units ? codes::limit_upload_unit_mismatch : codes::limit_upload_proxy_smaller;
    out.findings.emplace_back(
        code, proxy.subject,
        std::vector<Evidence>{item("proxy", proxy.link.name), item("service", facts.service), item("path", facts.path),
                              item("place", proxy.link.where, proxy.link.where),
                              item("limit", proxy.link.text, proxy.link.where),
                              item("needed", size(own.bytes), own.where), item("bytes", std::to_string(own.bytes)),
                              item("chain", chain(facts))});
  }
}

void judge_setting(const UploadFacts& facts, Judgement& out) {
  if (!facts.setting || !facts.constant || facts.setting_judged) return;
  if (facts.setting->bytes <= facts.constant->bytes) return;
  out.findings.emplace_back(
      codes::limit_setting_above_constant, facts.setting_subject,
      std::vector<Evidence>{item("setting", facts.setting->name, facts.setting->where), item("service", facts.service),
                            item("value", facts.setting->text, facts.setting->where),
                            item("limit", facts.constant->text), item("chain", chain(facts))});
}

void judge_disk(const UploadFacts& facts, const Link& own, Judgement& out) {
  constexpr std::uint64_t told_by_disk = 2048 * mebi;  // less than that is a finding of its own
  if (!facts.disk || !*facts.disk) return;
  const auto available = (*facts.disk)->available;
  if (available < told_by_disk || available >= own.bytes) return;
  out.findings.emplace_back(
      codes::limit_upload_disk_smaller, "disk:storage",
      std::vector<Evidence>{item("service", facts.service), item("available", formats::bytes(available)),
                            item("limit", own.text, own.where), item("mount", (*facts.disk)->mount_point)});
}

bool is_unrecorded(const std::optional<Outcome<FileSystemAnswer>>& disk) {
  return disk && !*disk && disk->error().kind == FailureKind::not_recorded;
}

void judge(const UploadFacts& facts, bool complete, Judgement& out) {
  const auto own = of_application(facts);
  if (!own) return;
  const auto before = out.findings.size();
  judge_proxies(facts, *own, out);
  judge_setting(facts, out);
  judge_disk(facts, *own, out);
  if (is_unrecorded(facts.disk))
    out.unexamined.push_back({"service:" + facts.service, formats::describe(facts.disk->error())});
  else if (complete && out.findings.size() == before)
    out.healthy.push_back({"service:" + facts.service, "uploads of " + size(own->bytes) + " fit: " + chain(facts)});
}

void judge(const MemoryFacts& facts, Judgement& out) {
  static const std::string subject = "host:memory";
  if (!facts.memory) return out.unexamined.push_back({subject, formats::describe(facts.memory.error())});
  const auto total = facts.memory->total;
  if (facts.limits <= total || total == 0)
    return out.healthy.push_back({subject, formats::bytes(facts.limits) + " of limits in " + formats::bytes(total)});
  out.findings.emplace_back(codes::limit_memory_overcommitted, subject,
                            std::vector<Evidence>{item("limits", formats::bytes(facts.limits)),
                                                  item("services", std::to_string(facts.services)),
                                                  {"total", formats::bytes(total), "/proc/meminfo", "host"}});
}

Judgement diagnose(const Facts& facts) {
  Judgement out;
  for (const auto& subject : facts.unrecorded) out.unexamined.push_back({subject, "not in the bundle"});
  for (const auto& upload : facts.uploads) judge(upload, facts.unrecorded.empty(), out);
  if (facts.memory) judge(*facts.memory, out);
  return out;
}

Judgement run(const Context& context) {
  return diagnose(observe(context));
}

constexpr std::array codes_of_limits{codes::limit_upload_proxy_smaller, codes::limit_upload_unit_mismatch,
                                     codes::limit_setting_above_constant, codes::limit_upload_disk_smaller,
                                     codes::limit_memory_overcommitted};

}  // namespace

extern const CheckInfo limits{
    "limits", "what the application allows fits through every hop before it", {}, {}, codes_of_limits, run, true};

}  // namespace doctor::checks
