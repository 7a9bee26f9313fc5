#pragma once

#include <string_view>

#include "redact/span.hpp"

namespace doctor::redact {

/// Whether a variable, JSON key, header or flag of that name holds a secret: its last word is PASSWORD, SECRET, TOKEN
/// or the like, or KEY with a word before it that makes it one (API_KEY, not "primary key"). JWT_KEY_PATH does not.
bool is_secret_name(std::string_view name);

/// Values beside such names: NAME=value, "name": "value", name: value, --name value, ?name=value. Leaves placeholders,
/// references (${X}), words of prose and what is redacted already.
void find_key_values(std::string_view text, Spans& found);

}  // namespace doctor::redact
