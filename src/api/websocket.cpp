#include "doctor/probe/websocket.hpp"

namespace doctor {

std::string WebSocketAnswer::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key == name) return value;
  return {};
}

}  // namespace doctor
