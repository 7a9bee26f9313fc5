#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/deployment.hpp"

/// YAML with the place of every value, read as Docker Compose reads it (YAML 1.1 merge keys, YAML 1.2 scalars, the
/// number forms of Go). Anchors are expanded and `<<` is merged; every bound is checked while reading.
namespace doctor::formats {

enum class YamlKind { null, boolean, integer, real, text, sequence, mapping };

/// How an interpolated scalar was written.
struct YamlOrigin {
  std::string expression;
  std::vector<std::string> variables;
  bool defaulted = false;
};

struct YamlEntry;

struct YamlNode {
  YamlKind kind = YamlKind::null;
  int line = 0;  ///< 1-based
  int column = 0;
  std::shared_ptr<const std::string> file;   ///< as shown
  std::string text;                          ///< of a scalar: numbers and booleans in the form that Go prints
  std::shared_ptr<const YamlOrigin> origin;  ///< only when variables were put into it
  std::vector<YamlNode> items;               ///< of a sequence
  std::vector<YamlEntry> entries;            ///< of a mapping, in order, each key once

  Place place() const { return {file ? *file : std::string{}, line, column}; }
  bool is_mapping() const { return kind == YamlKind::mapping; }
  bool is_sequence() const { return kind == YamlKind::sequence; }
  bool is_text() const { return kind == YamlKind::text; }
  bool is_null() const { return kind == YamlKind::null; }
  bool is_scalar() const { return !is_mapping() && !is_sequence() && !is_null(); }
  const std::string& expression() const { return origin ? origin->expression : text; }

  const YamlNode* find(std::string_view key) const;
  YamlNode* find(std::string_view key);
  YamlNode& set(std::string_view key, YamlNode value);  ///< replaces or appends
  void erase(std::string_view key);

  /// A node of this kind that stands where this one stands.
  YamlNode here(YamlKind kind, std::string text = {}) const;
};

struct YamlEntry {
  std::string key;
  YamlNode value;
  int line = 0;
  int column = 0;
};

/// Structural equality, places left out.
bool same_yaml(const YamlNode& left, const YamlNode& right);

/// A path of keys; sequence elements count as "[]".
using YamlPath = std::vector<std::string>;

struct YamlFault {
  enum class Kind { invalid, key_duplicated };
  Kind kind = Kind::invalid;
  Place place;
  std::string reason;  ///< of `invalid`; no input in it
  std::string key;     ///< of `key_duplicated`
  Place first;         ///< of `key_duplicated`
};

struct YamlDocument {
  YamlNode root;
  std::vector<YamlPath> replaced;  ///< what !reset and !override take away from the files before
};

/// What a whole project may still use; shared by its files.
struct YamlBudget {
  std::size_t nodes = 150'000;      ///< after expansion; half as many again as one file may write
  std::size_t bytes = 16'000'000;   ///< of texts and keys after expansion
  std::size_t source = 16'000'000;  ///< of files; one that is read again counts again
};

struct YamlFile {
  std::vector<YamlDocument> documents;  ///< what could be read, also when there are faults
  std::vector<YamlFault> faults;        ///< at most 100
};

/// Never throws on bad input. Bounds: the budget, 4 MB, depth 100, 100,000 nodes, 1,000 aliases, 100 documents, 4 KB a
/// key; unknown tags are refused.
YamlFile parse_yaml(std::string_view text, const std::string& file, YamlBudget& budget);

/// The kind of a plain scalar; `text` becomes the form in which Go prints its value.
YamlKind resolve_plain(std::string& text);

}  // namespace doctor::formats
