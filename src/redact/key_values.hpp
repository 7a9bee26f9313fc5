#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "redact/span.hpp"

namespace doctor::redact {

/// Whether a variable, JSON key, header or flag of that name holds a secret: its last word is PASSWORD, SECRET, TOKEN
/// or the like, or KEY with a word before it that makes it one (API_KEY, not "primary key"). JWT_KEY_PATH does not.
bool is_secret_name(std::string_view name);

/// Parts that every such name has one of, in lower case.
inline constexpr std::array<std::string_view, 15> secret_name_parts{
    "pass",       "pwd",   "secret", "token", "key",    "credential", "sessid", "jsessionid",
    "masterauth", "-auth", "_auth",  "_pw",   "bindpw", "rootpw",     "_salt"};

/// Finds the values beside such names: NAME=value, "name": "value", name: value, --name value, ?name=value,
/// <name>value</name>, {"name": "NAME", "value": "value"}, PASSWORD 'value', password is value, f('NAME', 'value'), and
/// values on the lines below a name of YAML. Leaves placeholders, references (${X}), words of prose and what is
/// redacted already.
class KeyValues {
 public:
  KeyValues(std::string_view text, Spans& found) : text_{text}, found_{found} {}

  /// Looks at the name in which one of the parts stands. Places must come in order.
  void look_at(std::size_t place);

 private:
  struct Name;
  Name name_around(std::size_t place) const;
  void assignment(const Name& name, std::size_t at);
  bool block(const Name& name, std::size_t at);
  bool argument(const Name& name);
  bool flag(const Name& name);
  bool element(const Name& name);
  bool named_value(const Name& name);
  bool spoken(const Name& name);
  bool is_prose(const Name& name, std::string_view value, std::size_t end, bool quoted, bool colon) const;
  bool begins_line(std::size_t at) const;
  bool ends_line(std::size_t at) const;
  void add(const Name& name, std::size_t begin, std::size_t end);

  std::string_view text_;
  Spans& found_;
  std::size_t looked_at_ = 0;  ///< the end of the last name
};

}  // namespace doctor::redact
