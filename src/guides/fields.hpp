#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "guides/file_option.hpp"
#include "guides/yaml.hpp"

/// Strict reading of located YAML into structs by their each_field(): what is unknown, of the wrong kind or out of
/// range is a problem with its place and, for keys, the nearest known name. One problem never hides another.
namespace doctor::guides::yaml {

class Reader;

/// Further rules of a struct, beyond the types of its fields; specialised beside the reader of a file format.
template <class T>
struct Rules {
  static void check(const T&, const Node&, Reader&) {}
};

/// A list of these is a mapping in YAML: the key becomes the field `name`.
template <class T>
constexpr bool is_named = false;
template <>
inline constexpr bool is_named<FileOption> = true;

class Reader {
 public:
  Reader(std::string file, Problems& problems) : file_{std::move(file)}, problems_{problems} {}

  void problem(const Node& at, std::string message) { problem(at.line, at.column, std::move(message)); }
  void problem(int line, int column, std::string message);

  /// The problem stands at the value of `key`, or at `node` when it is not there.
  void problem(const Node& node, std::string_view key, std::string message);

  void unknown_key(const Member& member, const std::vector<std::string>& known);
  bool expect(const Node& node, Node::Kind kind, std::string_view what);

  void read(const Node& node, std::string_view what, bool& value);
  void read(const Node& node, std::string_view what, std::string& value);
  void read(const Node& node, std::string_view what, std::chrono::milliseconds& value);

  /// Pointers and the values expected there, as JSON texts: a plain true, 5 or null stays, any other text is a string.
  void read(const Node& node, std::string_view what, std::map<std::string, std::string>& values);
  void read(const Node& node, std::string_view what, std::map<std::string, std::vector<std::string>>& values);

  /// The value of an option: one, or a list. Its name and place are the caller's.
  void read(const Node& node, std::string_view what, FileOption& option);

  template <class T>
  void read(const Node& node, std::string_view what, std::optional<T>& value) {
    read(node, what, value.emplace());
  }
  template <class T>
  void read(const Node& node, std::string_view what, std::vector<T>& values);
  template <class T>
  void read(const Node& node, std::string_view what, T& value);

 private:
  std::int64_t integer(const Node& node, std::string_view what, std::int64_t least, std::int64_t most);
  template <class T>
  void read_named(const Node& node, std::string_view what, std::vector<T>& values);

  std::string file_;
  Problems& problems_;
};

/// What each_field() calls: reads the fields that are there and remembers the names of all.
struct FieldReader {
  Reader& reader;
  const Node& node;
  bool named;
  std::vector<std::string> known = {};

  template <class T>
  void operator()(const char* name, T& value) {
    if (named && std::string_view{name} == "name") return;
    known.emplace_back(name);
    if (const auto* found = node.find(name)) reader.read(*found, name, value);
  }
};

template <class T>
void Reader::read(const Node& node, std::string_view what, T& value) {
  if constexpr (std::is_integral_v<T>) {
    using Limits = std::numeric_limits<T>;
    constexpr auto most = sizeof(T) < sizeof(std::int64_t) ? static_cast<std::int64_t>(Limits::max())
                                                           : std::numeric_limits<std::int64_t>::max();
    value = static_cast<T>(integer(node, what, static_cast<std::int64_t>(Limits::min()), most));
  } else {
    if (!expect(node, Node::Kind::mapping, what)) return;
    FieldReader fields{*this, node, is_named<T>};
    each_field(fields, value);
    for (const auto& member : node.members) unknown_key(member, fields.known);
    Rules<T>::check(value, node, *this);
  }
}

template <class T>
void Reader::read(const Node& node, std::string_view what, std::vector<T>& values) {
  values.clear();
  if constexpr (is_named<T>) {
    read_named(node, what, values);
  } else {
    constexpr bool is_single = std::is_integral_v<T> || std::is_same_v<T, std::string>;
    if (is_single && node.kind == Node::Kind::scalar) return read(node, what, values.emplace_back());
    if (!expect(node, Node::Kind::sequence, what)) return;
    for (const auto& item : node.items) read(item, what, values.emplace_back());
  }
}

template <class T>
void Reader::read_named(const Node& node, std::string_view what, std::vector<T>& values) {
  if (!expect(node, Node::Kind::mapping, what)) return;
  for (const auto& member : node.members) {
    auto& value = values.emplace_back();
    value.name = member.key;
    if (member.value.kind != Node::Kind::null)  // NAME: with nothing behind it keeps the defaults
      read(member.value, member.key, value);
    if constexpr (std::is_same_v<T, FileOption>) {
      value.line = member.line;
      value.column = member.column;
    }
  }
}

}  // namespace doctor::guides::yaml
