#include "bundle/collect.hpp"

#include <algorithm>

#include "bundle/collect_parts.hpp"
#include "probes/files_failure.hpp"
#include "redact/marker.hpp"
#include "util/text.hpp"

namespace doctor::bundle {
namespace {

constexpr std::size_t most_component = 100;
constexpr std::size_t most_path = 200;

bool is_safe(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

std::string safe_component(std::string_view text) {
  std::string out{text.substr(0, most_component)};
  std::replace_if(
      out.begin(), out.end(), [](char c) { return !is_safe(c); }, '_');
  return out == "." || out == ".." ? std::string(out.size(), '_') : out;
}

/// "nginx.conf" and 2 is "nginx-2.conf"; ".env" and 2 is ".env-2".
std::string numbered(const std::string& name, int number) {
  const auto begin = name.rfind('/') + 1;  // 0 without one
  const auto dot = name.rfind('.');
  const auto at = dot == std::string::npos || dot <= begin ? name.size() : dot;
  return name.substr(0, at) + "-" + std::to_string(number) + name.substr(at);
}

/// The beginning of a text that is too long, up to the end of a line.
std::string_view beginning(std::string_view text, std::uint64_t most) {
  if (text.size() <= most) return text;
  const auto cut = text.substr(0, most);
  const auto end = cut.rfind('\n');
  return end == std::string_view::npos ? cut : cut.substr(0, end + 1);
}

/// What stands in place of values by now.
std::map<std::string, std::uint64_t> replaced_in(std::string_view text) {
  std::map<std::string, std::uint64_t> found;
  for (auto at = text.find(redact::marker_begin); at != std::string_view::npos;
       at = text.find(redact::marker_begin, at + 1)) {
    const auto size = redact::marker_size(text.substr(at));
    if (size > 0) ++found[std::string{text.substr(at, size - 1).substr(redact::marker_begin.size())}];
  }
  return found;
}

Failed with_reason(ProbeFailure failure) {
  if (failure.detail.empty()) failure.detail = to_string(failure.kind);
  return Failed{std::move(failure)};
}

}  // namespace

std::string safe_path(std::string_view text) {
  std::string out;
  for (const auto& part : util::split(text, '/')) {
    const auto component = safe_component(part);
    if (component.empty() || out.size() + component.size() >= most_path) continue;
    out += (out.empty() ? "" : "/") + component;
  }
  return out.empty() ? "unnamed" : out;
}

std::string Collection::unique(const std::string& section, const std::string& name) {
  auto candidate = safe_path(name);
  for (int number = 2; !paths_.insert(section + "/" + candidate).second; ++number)
    candidate = numbered(safe_path(name), number);
  return candidate;
}

void Collection::add(Item item) {
  item.name = unique(item.section, item.name);
  item.source = util::shown(item.source, 300);
  items_.push_back(std::move(item));
}

void Collection::add_text(const std::string& section, const std::string& name, const std::string& source,
                          std::uint64_t estimate, ReadText read) {
  Item item;
  item.section = section;
  item.name = name;
  item.source = source;
  item.estimate = estimate;
  item.read = [read = std::move(read)](const Take& take, std::uint64_t most,
                                       const Deadline& deadline) -> Outcome<Collected> {
    if (deadline.expired()) return probes::failed(FailureKind::timed_out, "", "there was no time left to read it");
    const auto text = read(deadline);
    if (!text) return with_reason(text.error());
    const auto part = beginning(text->text, most);
    if (!part.empty()) take(part);
    Collected collected{text->note.empty(), text->note, replaced_in(part)};
    if (part.size() == text->text.size()) return collected;
    collected.complete = false;
    collected.note = "the first " + util::bytes(part.size()) + " of " + util::bytes(text->text.size());
    return collected;
  };
  add(std::move(item));
}

void Collection::add_missing(const std::string& section, const std::string& name, const std::string& source,
                             std::string reason) {
  add_text(section, name, source, 0, [reason = std::move(reason)](const Deadline&) -> Outcome<SmallText> {
    return probes::failed(FailureKind::not_found, "", reason);
  });
}

std::vector<Item> Collection::take() {
  std::sort(items_.begin(), items_.end(), [](const Item& a, const Item& b) { return a.path() < b.path(); });
  return std::move(items_);
}

std::vector<Item> collect(const std::shared_ptr<const Deployment>& deployment,
                          const std::shared_ptr<const probes::Tape>& tape, const Live& live,
                          const CollectOptions& options, const Deadline& deadline) {
  Collection collection{std::make_shared<const Patient>(
      Patient{deployment, tape, live, options, Values{deployment, live.secret_name, live.secret_value}})};
  add_config(collection, deadline);
  add_containers(collection, deadline);
  add_logs(collection, deadline);
  add_host(collection, deadline);
  add_support(collection);
  return collection.take();
}

}  // namespace doctor::bundle
