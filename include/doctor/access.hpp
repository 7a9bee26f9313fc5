#pragma once

#include <optional>
#include <string>

#include "doctor/check.hpp"

/// Paths as a service sees them. In a container the directories above the source of a mount do not count: the process
/// never walks through them, so a file below a directory that only root may enter is still readable inside.
namespace doctor {

/// Where a path of a service lies on the host.
struct ServicePath {
  std::string host;          ///< absolute path on the host
  std::string mount_source;  ///< host path of the mount that it lies in; empty for a bare process
  bool read_only = false;    ///< that mount is read-only for the service
};

/// Nothing: the path lies in the image, on a tmpfs, or in a volume whose place is not known.
std::optional<ServicePath> locate(const Deployment& deployment, const Service& service, const std::string& path);

/// Whether `identity` may `want` ("read", "write", "create", as in AccessQuestion) the path. For a path in a mount it
/// is judged from the mount's source on, by owners and modes. Fails when a component of the path cannot be looked at.
Outcome<AccessAnswer> ask_access(const Context& context, const ServicePath& path, const Deployment::Identity& identity,
                                 const std::string& want);

}  // namespace doctor
