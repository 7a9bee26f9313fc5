#pragma once

#include <nlohmann/json.hpp>

namespace doctor::render {

template <class Items, class Convert>
nlohmann::ordered_json array_of(const Items& items, Convert convert) {
  auto array = nlohmann::ordered_json::array();
  for (const auto& item : items) array.push_back(convert(item));
  return array;
}

}  // namespace doctor::render
