#include "doctor/outcome.hpp"

#include <array>
#include <stdexcept>

namespace doctor {
namespace {

constexpr std::array<std::string_view, 12> kind_names{
    "refused",        "timed_out",         "name_not_resolved", "unreachable", "tls_rejected", "auth_rejected",
    "protocol_error", "permission_denied", "not_found",         "too_large",   "cancelled",    "not_recorded"};

}  // namespace

std::string_view to_string(FailureKind kind) {
  return kind_names.at(static_cast<std::size_t>(kind));
}

FailureKind failure_kind_from(std::string_view word) {
  for (std::size_t i = 0; i < kind_names.size(); ++i)
    if (kind_names.at(i) == word) return static_cast<FailureKind>(i);
  throw std::invalid_argument("unknown kind of failure");
}

}  // namespace doctor
