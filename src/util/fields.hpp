#pragma once

#include <cstddef>
#include <optional>
#include <type_traits>

/// Holds the list of fields of a struct (each_field) against the struct itself, while compiling.
namespace doctor::util {

/// Fields that each_field leaves out on purpose; a struct that has some specialises it beside its each_field.
template <class T>
inline constexpr std::size_t fields_left_out = 0;

namespace detail {

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

/// Initialises any field. An optional would take it as its own value and as that of its content: only the latter.
struct AnyValue {
  template <class T>
    requires(!IsOptional<T>::value)
  operator T() const;
};

template <class T, class... Values>
concept InitialisedBy = requires { T{Values{}...}; };

template <class T, class... Values>
consteval std::size_t arity() {
  if constexpr (InitialisedBy<T, Values..., AnyValue>)
    return arity<T, Values..., AnyValue>();
  else
    return sizeof...(Values);
}

/// Room for an object that can be spoken of and is never made.
template <class T>
union Unmade {
  constexpr Unmade() : nothing{} {}
  constexpr ~Unmade() {}
  Unmade(const Unmade&) = delete;
  Unmade& operator=(const Unmade&) = delete;
  char nothing;
  T object;
};
template <class T>
inline Unmade<T> nowhere;

struct FieldCounter {
  std::size_t count = 0;
  template <class T>
  constexpr void operator()(const char*, T&) {
    ++count;
  }
};

template <class T>
consteval std::size_t visited() {
  FieldCounter counter;
  each_field(counter, nowhere<T>.object);
  return counter.count;
}

}  // namespace detail

/// Whether each_field, which must be constexpr, visits as many fields as the aggregate has.
template <class T>
consteval bool visits_every_field() {
  static_assert(std::is_aggregate_v<T>, "only the fields of an aggregate can be counted");
  return detail::visited<T>() + fields_left_out<T> == detail::arity<T>();
}

}  // namespace doctor::util
