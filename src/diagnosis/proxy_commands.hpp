#pragma once

#include <optional>
#include <string>
#include <vector>

#include "diagnosis/fill.hpp"
#include "doctor/deployment.hpp"
#include "guides/entry.hpp"

namespace doctor::diagnosis {

/// Guides speak to a reverse proxy as it runs under systemd on the host, mostly to nginx: `sudo nginx -t && sudo
/// systemctl reload nginx`. On a deployment with another proxy, or with one in a container, that would have no effect.
class ProxyCommands {
 public:
  /// For the steps of one entry, and the proxy that the finding is about: by its subject or its evidence `proxy`, else
  /// any of the deployment, which must outlive this.
  ProxyCommands(const Deployment& deployment, const std::string& subject, const Names& names,
                const std::vector<guides::Step>& steps);

  /// `command`, said to the proxy that is there. As it stands when it speaks to no proxy, or no proxy is known; nothing
  /// when another step speaks to that proxy, or when what this one asks of its program cannot be said to the other.
  std::optional<std::string> suited(const std::string& command) const;

 private:
  const Proxy* proxy_ = nullptr;
  bool has_own_step_ = false;  ///< some step speaks to a program of the proxy's kind
};

}  // namespace doctor::diagnosis
