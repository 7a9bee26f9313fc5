#pragma once

#include <string>
#include <string_view>
#include <vector>

/// What nginx's own modules know: where each directive may stand, with how many arguments, and of which kind.
namespace doctor::formats::nginx {

/// Contexts, a letter each: M main, E events, H http, S server, L location, U upstream, I `if` in a server, J `if` in a
/// location, X limit_except; * a block of free words (map, types), ? a block that is not judged (stream, mail,
/// modules).
struct DirectiveRule {
  std::string_view name;
  std::string_view contexts;
  int least = 0;
  int most = 0;     ///< arguments
  char kind = 'a';  ///< f flag, z size, o size up to gigabytes, t time, s time in seconds, n number, v any word, d any
                    ///< words: all of these at most once a block; a any words; b a block
};

/// Nothing: no module of nginx's own has it.
const DirectiveRule* directive_rule(std::string_view name);

/// Whether directives of that name are known in a whole family only (fastcgi_..., grpc_...).
bool in_known_family(std::string_view name);

/// The known name that was perhaps meant, or "".
std::string near_directive(std::string_view name);

/// The context within a block that stands in `context`.
char context_within(std::string_view block, char context);

/// What nginx says of the arguments of a directive, without "in FILE:LINE"; empty: nothing.
std::string argument_problem(const DirectiveRule& rule, const std::vector<std::string>& arguments);

}  // namespace doctor::formats::nginx
