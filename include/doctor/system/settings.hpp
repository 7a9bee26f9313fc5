#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What a system description says about settings. Part of doctor/system.hpp, which tells what `each_field` is
// for.

namespace doctor {

/// A setting that has one of these values, compared without case; its `fallback` counts when it is not set.
struct SettingCondition {
  std::string setting;
  std::vector<std::string> is;  ///< "" stands for nothing at all
};

template <class Field>
constexpr void each_field(Field&& field, SettingCondition& condition) {
  field("setting", condition.setting);
  field("is", condition.is);
}

/// A value that looks right and cannot work.
struct ValueRule {
  std::string match;     ///< RE2 pattern that the whole value must not match in any part
  std::string reason;    ///< what is wrong with it, "names the port of PostgreSQL, which speaks no HTTP"
  std::string violated;  ///< YAML `else`: the entry that such a value raises
};

template <class Field>
constexpr void each_field(Field&& field, ValueRule& rule) {
  field("match", rule.match);
  field("reason", rule.reason);
  field("else", rule.violated);
}

/// What must be true of a JSON Web Token (RFC 7519) that a setting holds. Its signature is not looked at: only its
/// issuer could.
struct TokenRule {
  std::vector<std::string> present;                        ///< claims that it must have
  std::map<std::string, std::vector<std::string>> claims;  ///< claim -> the values that it may have
  bool expires = true;                                     ///< false: the application does not look at `exp`
};

template <class Field>
constexpr void each_field(Field&& field, TokenRule& rule) {
  field("present", rule.present);
  field("claims", rule.claims);
  field("expires", rule.expires);
}

/// What a system description says about one variable. Absent keys keep these defaults. The YAML key of each is its
/// name.
struct SettingRule {
  std::string name;
  std::string role;  ///< "database-url", "jwt-private-key-path", "storage-path", "listen-address", ...; may be empty
  bool required = false;      ///< must be in the process's environment
  bool may_be_empty = false;  ///< an empty value is as good as none
  bool secret = false;
  std::string form;  ///< see docs/adding-a-system.md: url, http-url, integer, hex, address, path, json-array,
                     ///< log-filter, ...; empty: any text
  std::vector<std::string> schemes;   ///< of a url
  std::vector<std::string> allowed;   ///< the values that the application knows
  std::vector<std::string> examples;  ///< values that must not survive; a value that contains one counts
  std::vector<std::string> noisy;     ///< values that are legal but must not stay, such as a debug log level
  std::optional<std::int64_t> least;  ///< of an integer
  std::optional<std::int64_t> most;   ///< of an integer
  std::size_t length = 0;             ///< least number of characters of a secret; 0: any
  std::string algorithm;              ///< of the key in the file that it names: "Ed25519", "RSA", "EC"; empty: any
  std::string fallback;               ///< what the application uses when the variable is not set; may be empty
  std::optional<SettingCondition> required_when;  ///< it is required only then; of the same service
  bool recommended = false;                       ///< works without it, but not as a deployment should
  std::vector<std::string> quiet;                 ///< values that are legal and hide what an operator must see
  std::vector<ValueRule> refuses;
  std::optional<SettingCondition> needs;  ///< when this one is set, that one must be, too, or it has no effect
  std::optional<TokenRule> token;         ///< the value is a JSON Web Token
  std::string when;                       ///< "compose" or "process": the rule holds only there; empty: always
};

template <class Field>
constexpr void each_field(Field&& field, SettingRule& rule) {
  field("name", rule.name);
  field("role", rule.role);
  field("required", rule.required);
  field("may_be_empty", rule.may_be_empty);
  field("secret", rule.secret);
  field("form", rule.form);
  field("schemes", rule.schemes);
  field("allowed", rule.allowed);
  field("examples", rule.examples);
  field("noisy", rule.noisy);
  field("least", rule.least);
  field("most", rule.most);
  field("length", rule.length);
  field("algorithm", rule.algorithm);
  field("fallback", rule.fallback);
  field("when", rule.when);
  field("required_when", rule.required_when);
  field("recommended", rule.recommended);
  field("quiet", rule.quiet);
  field("refuses", rule.refuses);
  field("needs", rule.needs);
  field("token", rule.token);
}

/// Every SettingRule::form that there is. A description with another one is refused.
inline constexpr std::array<std::string_view, 14> setting_forms{
    "url",  "http-url",   "integer",     "hex",        "hex64",     "address", "path",
    "word", "json-array", "json-object", "log-filter", "base64url", "boolean", "cors-origins"};

/// Variables that belong together: all of them are set, or none is.
struct SettingGroup {
  std::string id;
  std::vector<std::string> settings;
};

template <class Field>
constexpr void each_field(Field&& field, SettingGroup& group) {
  field("id", group.id);
  field("settings", group.settings);
}

}  // namespace doctor
