#pragma once

#include <string_view>

namespace doctor::render {

/// The style sheet and the script of the HTML report, and the policy that names both by their SHA-256 (a test holds
/// them together) and allows nothing else: no request, no other script, no style, no form, no frame.
extern const std::string_view html_style;
extern const std::string_view html_script;
extern const std::string_view html_policy;

}  // namespace doctor::render
