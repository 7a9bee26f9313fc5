#include "doctor/proxy_files.hpp"

#include <algorithm>

namespace doctor {
namespace {

Failed not_to_be_seen() {
  ProbeFailure failure;
  failure.kind = FailureKind::permission_denied;
  failure.detail = "it lies in the image";
  return Failed{failure};
}

std::string directory_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

std::optional<std::string> on_host(const Deployment& deployment, const Proxy& proxy, const std::string& path) {
  const auto* service = deployment.service(proxy.service);
  return service == nullptr ? std::optional{path} : deployment.host_path(*service, path);
}

/// Files that are mounted one by one into a directory of the image.
std::vector<std::string> mounted_in(const Deployment& deployment, const Proxy& proxy, const std::string& directory) {
  std::vector<std::string> names;
  const auto* service = deployment.service(proxy.service);
  if (service == nullptr) return names;
  for (const auto& mount : service->container ? service->container->mounts : service->mounts)
    if (mount.kind == "bind" && directory_of(mount.target) == directory)
      names.push_back(mount.target.substr(directory.size() + 1));
  return names;
}

Outcome<std::vector<std::string>> list(const Context& context, const Proxy& proxy, const std::string& directory) {
  auto names = mounted_in(context.deployment, proxy, directory);
  if (const auto host = on_host(context.deployment, proxy, directory)) {
    const auto answer = context.ask(DirectoryQuestion{*host, {}});
    if (!answer && names.empty()) return Failed{answer.error()};
    if (answer)
      for (const auto& entry : answer->entries) names.push_back(entry.name);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace

formats::ConfigFiles proxy_files(const Context& context, const Proxy& proxy) {
  formats::ConfigFiles files;
  files.read = [&context, proxy](const std::string& path) -> Outcome<std::string> {
    const auto host = on_host(context.deployment, proxy, path);
    if (!host) return not_to_be_seen();
    auto answer = context.ask(TextQuestion{*host});
    if (!answer) return Failed{answer.error()};
    return std::move(answer->text);
  };
  files.list = [&context, proxy](const std::string& directory) { return list(context, proxy, directory); };
  return files;
}

bool lacks_recording(const Context& context, const Proxy& proxy) {
  const auto host = proxy.config.empty() ? std::nullopt : on_host(context.deployment, proxy, proxy.config);
  if (!host) return false;
  const auto answer = context.ask(TextQuestion{*host});
  return !answer && answer.error().kind == FailureKind::not_recorded;
}

}  // namespace doctor
