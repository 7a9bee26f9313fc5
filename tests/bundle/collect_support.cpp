#include "bundle/collect_support.hpp"

#include <algorithm>
#include <chrono>

#include "deployment/guess.hpp"

namespace doctor::test {
namespace {

Deadline soon() {
  return Deadline::after(std::chrono::seconds{10});
}

}  // namespace

Bundled::Bundled() {
  status[deployment.directory].kind = "directory";
  live.file = [this](const std::string& path, const Deadline&) -> Outcome<FileAnswer> {
    if (const auto known = status.find(path); known != status.end()) return known->second;
    FileAnswer answer;
    answer.kind = files.count(path) > 0 || broken.count(path) > 0 ? "file" : "missing";
    answer.mode = 0644;
    if (files.count(path) > 0) answer.size = files[path].size();
    return answer;
  };
  live.bytes = [this](const std::string& path, std::uint64_t most, const Deadline&) -> Outcome<std::string> {
    read.push_back(path);
    if (const auto known = broken.find(path); known != broken.end()) return known->second;
    const auto found = files.find(path);
    if (found == files.end()) return failed(FailureKind::not_found, "ENOENT", "", "there is no such file");
    if (found->second.size() > most) return failed(FailureKind::too_large);
    return found->second;
  };
  live.engine = [this](const std::string& path, const Deadline&) -> Outcome<std::string> {
    const auto found = engine.find(path);
    if (found == engine.end())
      return failed(FailureKind::not_found, "HTTP 404", "", "the Docker Engine does not know it");
    return found->second;
  };
  live.container_log = [](const Container&, const probes::LogPart&, const probes::LogLines&,
                          const std::function<void()>&, const Deadline&) -> Outcome<probes::LogRead> {
    return failed(FailureKind::not_found, "", "", "no log");
  };
  live.process_log = [](const Process&, const probes::LogPart&, const probes::LogPieces&,
                        const Deadline&) -> Outcome<probes::LogRead> {
    return failed(FailureKind::not_found, "", "", "its output goes to the journal");
  };
  live.sockets = [](const Deadline&) -> Outcome<std::vector<probes::ListeningSocket>> {
    return std::vector<probes::ListeningSocket>{{443, {"0.0.0.0", 17, "nginx", "/usr/sbin/nginx", "", 0}},
                                                {8080, {"::1", 0, "", "", "", 999}}};
  };
  live.secret_name = deployment::name_looks_secret;
  live.secret_value = deployment::value_looks_secret;
  live.probes = std::make_shared<Probes>(fakes.probes());
}

std::vector<bundle::Item> Bundled::items() {
  return bundle::collect(std::make_shared<const Deployment>(deployment), tape, live, options, soon());
}

bool Bundled::has(const std::string& path) {
  const auto all = items();
  return std::any_of(all.begin(), all.end(), [&](const bundle::Item& item) { return item.path() == path; });
}

Outcome<bundle::Collected> Bundled::read_item(const std::string& path, std::string& text, std::uint64_t most) {
  for (const auto& item : items()) {
    if (item.path() != path) continue;
    return item.read(
        [&](std::string_view bytes) {
          text += bytes;
          return true;
        },
        most, soon());
  }
  return failed(FailureKind::not_found, "", "", "there is no such item");
}

std::string Bundled::text(const std::string& path) {
  std::string text;
  const auto outcome = read_item(path, text);
  return outcome ? text : "[" + outcome.error().detail + "]";
}

bundle::Collected Bundled::collected(const std::string& path) {
  std::string text;
  return read_item(path, text).value();
}

}  // namespace doctor::test
