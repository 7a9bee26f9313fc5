#pragma once

#include <string>

#include "doctor/probe/network.hpp"
#include "doctor/system.hpp"

/// What an HTTP answer is, as far as system descriptions can say.
namespace doctor::formats {

/// The media type of an answer in lower case, without parameters: "application/json"; "" when it has none.
std::string media_type(const HttpAnswer& answer);

/// Whether everything that the rule says of an answer is true of this one.
bool fits(const AnswerRule& rule, const HttpAnswer& answer);

/// What the rule says, for a report: "503, /status is \"not_ready\"".
std::string describe(const AnswerRule& rule);

}  // namespace doctor::formats
