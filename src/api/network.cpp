#include "doctor/probe/network.hpp"

namespace doctor {

std::string HttpAnswer::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key == name) return value;
  return {};
}

}  // namespace doctor
