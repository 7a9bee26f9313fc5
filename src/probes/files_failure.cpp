#include "probes/files_failure.hpp"

#include <cerrno>
#include <cstring>

namespace doctor::probes {
namespace {

FailureKind kind_of(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ESRCH:
    case ENODEV:
    case ENXIO:
      return FailureKind::not_found;
    case EACCES:
    case EPERM:
      return FailureKind::permission_denied;
    case ECONNREFUSED:
      return FailureKind::refused;
    case ETIMEDOUT:
      return FailureKind::timed_out;
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENETUNREACH:
      return FailureKind::unreachable;
    case EFBIG:
    case EMSGSIZE:
    case EOVERFLOW:
      return FailureKind::too_large;
    default:
      return FailureKind::protocol_error;
  }
}

}  // namespace

ProbeFailure failure_of_errno(int error, std::string detail) {
  const char* name = strerrorname_np(error);
  const char* words = strerrordesc_np(error);
  ProbeFailure failure;
  failure.kind = kind_of(error);
  failure.code = name != nullptr ? name : "errno " + std::to_string(error);
  failure.detail = std::move(detail) + ": " + (words != nullptr ? words : "unknown error");
  return failure;
}

Failed failed(FailureKind kind, std::string code, std::string detail) {
  ProbeFailure failure;
  failure.kind = kind;
  failure.code = std::move(code);
  failure.detail = std::move(detail);
  return Failed{std::move(failure)};
}

Failed failed_errno(int error, std::string detail) {
  return Failed{failure_of_errno(error, std::move(detail))};
}

}  // namespace doctor::probes
