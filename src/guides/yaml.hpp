#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "guides/problem.hpp"

/// YAML 1.2 as guides and descriptions use it: one document, no tags, every duplicate key an error, every value with
/// its place. Aliases copy; merge keys do not exist.
namespace doctor::guides::yaml {

constexpr std::size_t most_bytes = 4U << 20U;
constexpr std::size_t most_line_bytes = 64'000;
constexpr std::size_t most_depth = 100;
constexpr std::size_t most_nodes = 100'000;  ///< copies by aliases included
constexpr std::size_t most_aliases = 1'000;

struct Member;

struct Node {
  enum class Kind { null, scalar, sequence, mapping };

  Kind kind = Kind::null;
  int line = 0;  ///< 1-based
  int column = 0;
  std::string text;     ///< of a scalar
  bool quoted = false;  ///< a scalar that is certainly a string
  std::vector<Node> items;
  std::vector<Member> members;  ///< in order of the file

  const Node* find(std::string_view key) const;  ///< of a mapping; null when it is not there
};

struct Member {
  std::string key;
  int line = 0;
  int column = 0;
  Node value;
};

/// Reads one document. Never throws on bad input: what is wrong is added to `problems`, and the node is then null or
/// incomplete. `first_line` is the line of the file that `text` begins with.
Node read(std::string_view text, const std::string& file, Problems& problems, int first_line = 1);

/// "a list", "a mapping", ...: what a node is, for messages.
std::string_view kind_name(const Node& node);

}  // namespace doctor::guides::yaml
