#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/format/nginx.hpp"

/// Looking things up in a configuration that was read.
namespace doctor::formats::nginx {

const NginxDirective& at(const NginxConfig& config, int index);

/// The first directive of that name in a block; nothing: there is none.
const NginxDirective* find(const NginxConfig& config, int block, std::string_view name);
std::vector<int> all(const NginxConfig& config, int block, std::string_view name);

/// The blocks from `block` outwards in which settings are inherited: location, server, http.
std::vector<int> scopes(const NginxConfig& config, int block);

/// The directive in the innermost of these blocks that has it.
const NginxDirective* inherited(const NginxConfig& config, int block, std::string_view name);

/// The http block; the root of a fragment; -1: there is none.
int http_block(const NginxConfig& config);

struct Location {
  enum class Kind { exact, prefix, prefix_only, regex, regex_caseless, named };
  Kind kind = Kind::prefix;
  std::string pattern;
};
Location location_of(const NginxDirective& directive);

/// What nginx refuses once it has read everything; see NginxConfig::refused.
std::optional<ConfigProblem> semantic_problem(const NginxConfig& config);

/// The first variable in `text` that nobody defines, "" when all are known.
std::string unknown_variable(const NginxConfig& config, std::string_view text);

/// Parts of a text with variables: "$name", "${name}" and what lies between.
struct Piece {
  bool variable = false;
  std::string text;
};
std::vector<Piece> pieces(std::string_view text);

}  // namespace doctor::formats::nginx
