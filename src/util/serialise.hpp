#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "doctor/outcome.hpp"
#include "util/fields.hpp"

/// JSON from and to every struct that has each_field(field, value): one list of fields serves both directions.
/// Writing may pass every text of a value, keys of maps included, through a function; names of fields stay. Reading
/// throws nlohmann::json::exception for input of the wrong shape and std::invalid_argument for a number out of range or
/// an unknown word; absent keys keep their defaults. An enumeration has to_string and from_word, found by its
/// namespace.
namespace doctor::util {

using Json = nlohmann::json;

/// Texts as they are.
struct Unchanged {
  const std::string& operator()(const std::string& text) const { return text; }
};

template <class T, class Text = Unchanged>
Json to_json(const T& value, const Text& text = {});
template <class T>
void from_json(const Json& json, T& value);

namespace detail {

template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};
template <class T>
struct IsPair : std::false_type {};
template <class A, class B>
struct IsPair<std::pair<A, B>> : std::true_type {};
template <class T>
struct IsMap : std::false_type {};
template <class T>
struct IsMap<std::map<std::string, T>> : std::true_type {};

/// A type that is written in a form of its own.
template <class T>
concept HasOwnForm = requires(const T& value, T& into, Json& json) {
  write_form(value, json, Unchanged{});
  read_form(json, into);
};

/// The function for what is in `value`: a Text may say that some structs need another one.
template <class T, class Text>
decltype(auto) text_within(const T& value, const Text& text) {
  if constexpr (requires { text.within(value); })
    return text.within(value);
  else
    return (text);
}

template <class Text>
struct Writer {
  Json& json;
  const Text& text;
  template <class T>
  void operator()(const char* name, const T& value) {
    json[name] = to_json(value, text);
  }
};

struct Reader {
  const Json& json;
  template <class T>
  void operator()(const char* name, T& value) {
    if (const auto found = json.find(name); found != json.end()) from_json(*found, value);
  }
};

/// Neither cut nor rounded, as the JSON library would.
template <class T>
T integer_from(const Json& json) {
  if (!json.is_number_integer()) json.get_ref<const Json::number_integer_t&>();  // throws
  if (json.is_number_unsigned()) {
    const auto number = json.get<std::uint64_t>();
    if (!std::in_range<T>(number)) throw std::invalid_argument{"a number is out of range"};
    return static_cast<T>(number);
  }
  const auto number = json.get<std::int64_t>();
  if (!std::in_range<T>(number)) throw std::invalid_argument{"a number is out of range"};
  return static_cast<T>(number);
}

}  // namespace detail

template <class T, class Text>
Json to_json(const T& value, const Text& text) {
  if constexpr (std::is_same_v<T, std::string>) {
    return text(value);
  } else if constexpr (std::is_enum_v<T>) {
    return std::string{to_string(value)};
  } else if constexpr (std::is_same_v<T, std::chrono::milliseconds>) {
    return value.count();
  } else if constexpr (detail::IsVector<T>::value) {
    Json array = Json::array();
    for (const auto& item : value) array.push_back(to_json(item, text));
    return array;
  } else if constexpr (detail::IsMap<T>::value) {
    Json object = Json::object();
    for (const auto& [key, item] : value) object[text(key)] = to_json(item, text);
    return object;
  } else if constexpr (detail::IsOptional<T>::value) {
    return value ? to_json(*value, text) : Json{};
  } else if constexpr (detail::IsPair<T>::value) {
    return Json::array({to_json(value.first, text), to_json(value.second, text)});
  } else if constexpr (std::is_arithmetic_v<T>) {
    return value;
  } else if constexpr (detail::HasOwnForm<T>) {
    Json form;
    write_form(value, form, text);
    return form;
  } else {
    static_assert(visits_every_field<T>(), "each_field of this struct does not list all of its fields");
    Json object = Json::object();
    // each_field serves reading too; Writer only reads
    const auto& inner = detail::text_within(value, text);
    each_field(detail::Writer<Text>{object, inner}, const_cast<T&>(value));
    return object;
  }
}

template <class T>
void from_json(const Json& json, T& value) {
  if constexpr (std::is_enum_v<T>) {
    from_word(json.get_ref<const std::string&>(), value);
  } else if constexpr (std::is_same_v<T, std::chrono::milliseconds>) {
    value = std::chrono::milliseconds{detail::integer_from<std::int64_t>(json)};
  } else if constexpr (detail::IsVector<T>::value) {
    value.clear();
    for (const auto& item : json.get_ref<const Json::array_t&>()) {
      typename T::value_type element{};
      from_json(item, element);
      value.push_back(std::move(element));
    }
  } else if constexpr (detail::IsMap<T>::value) {
    value.clear();
    for (const auto& [key, item] : json.get_ref<const Json::object_t&>()) from_json(item, value[key]);
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
  } else if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
    value = detail::integer_from<T>(json);
  } else if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, std::string>) {
    json.get_to(value);
  } else if constexpr (detail::HasOwnForm<T>) {
    read_form(json, value);
  } else {
    json.get_ref<const Json::object_t&>();  // throws for anything else, whose fields would all seem absent
    each_field(detail::Reader{json}, value);
  }
}

}  // namespace doctor::util
