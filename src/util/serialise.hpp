#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "doctor/outcome.hpp"

/// JSON from and to every struct that has each_field(field, value): one list of fields serves both directions.
/// Reading throws nlohmann::json::exception for input of the wrong shape; absent keys keep their defaults.
namespace doctor::util {

using Json = nlohmann::json;

template <class T>
Json to_json(const T& value);
template <class T>
void from_json(const Json& json, T& value);

namespace detail {

template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};
template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsPair : std::false_type {};
template <class A, class B>
struct IsPair<std::pair<A, B>> : std::true_type {};

/// What the JSON library reads and writes itself.
template <class T>
constexpr bool is_plain = std::is_arithmetic_v<T> || std::is_same_v<T, std::string> ||
                          std::is_same_v<T, std::map<std::string, std::string>> ||
                          std::is_same_v<T, std::map<std::string, std::uint64_t>> ||
                          std::is_same_v<T, std::map<std::string, std::vector<std::string>>>;

struct Writer {
  Json& json;
  template <class T>
  void operator()(const char* name, const T& value) {
    json[name] = to_json(value);
  }
};

struct Reader {
  const Json& json;
  template <class T>
  void operator()(const char* name, T& value) {
    if (const auto found = json.find(name); found != json.end()) from_json(*found, value);
  }
};

}  // namespace detail

template <class T>
Json to_json(const T& value) {
  if constexpr (std::is_same_v<T, FailureKind>) {
    return std::string{to_string(value)};
  } else if constexpr (std::is_same_v<T, std::chrono::milliseconds>) {
    return value.count();
  } else if constexpr (detail::IsVector<T>::value) {
    Json array = Json::array();
    for (const auto& item : value) array.push_back(to_json(item));
    return array;
  } else if constexpr (detail::IsOptional<T>::value) {
    return value ? to_json(*value) : Json{};
  } else if constexpr (detail::IsPair<T>::value) {
    return Json::array({to_json(value.first), to_json(value.second)});
  } else if constexpr (detail::is_plain<T>) {
    return value;
  } else {
    Json object = Json::object();
    each_field(detail::Writer{object}, const_cast<T&>(value));  // each_field serves reading too; Writer only reads
    return object;
  }
}

template <class T>
void from_json(const Json& json, T& value) {
  if constexpr (std::is_same_v<T, FailureKind>) {
    value = failure_kind_from(json.get<std::string>());
  } else if constexpr (std::is_same_v<T, std::chrono::milliseconds>) {
    value = std::chrono::milliseconds{json.get<std::int64_t>()};
  } else if constexpr (detail::IsVector<T>::value) {
    value.clear();
    for (const auto& item : json) {
      typename T::value_type element{};
      from_json(item, element);
      value.push_back(std::move(element));
    }
  } else if constexpr (detail::IsOptional<T>::value) {
    if (json.is_null()) {
      value.reset();
    } else {
      typename T::value_type content{};
      from_json(json, content);
      value = std::move(content);
    }
  } else if constexpr (detail::IsPair<T>::value) {
    from_json(json.at(0), value.first);
    from_json(json.at(1), value.second);
  } else if constexpr (detail::is_plain<T>) {
    json.get_to(value);
  } else {
    each_field(detail::Reader{json}, value);
  }
}

}  // namespace doctor::util
