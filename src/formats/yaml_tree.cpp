#include "formats/yaml_tree.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>
#include <algorithm>
#include <cstdint>
#include <set>
#include <sstream>
#include <unordered_map>

#include "util/text.hpp"

namespace doctor::formats {
namespace {

constexpr std::size_t most_bytes = 4'000'000;
constexpr std::size_t most_nodes = 100'000;
constexpr std::size_t most_aliases = 1'000;
constexpr std::size_t deepest = 100;
constexpr std::size_t most_faults = 100;
constexpr std::size_t most_documents = 100;
constexpr std::size_t longest_key = 4096;

constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

enum class Tag { none, reset, override };

/// A node as written: aliases are not expanded, keys are children like values.
struct RawNode {
  YamlKind kind = YamlKind::null;
  Tag tag = Tag::none;
  bool plain = false;
  bool open = false;  ///< not ended yet, or being expanded: an alias to it would never end
  std::size_t alias = nowhere;
  int line = 0;
  int column = 0;
  std::string text;
  std::vector<std::size_t> children;
};

/// Leaves the parser of the library; caught in parse_yaml.
struct Stop {
  YamlFault fault;
};

class Builder : public YAML::EventHandler {
 public:
  Builder(std::string file, std::vector<YamlFault>& faults) : file_{std::move(file)}, faults_{faults} {}

  std::vector<RawNode> nodes;
  std::size_t root = nowhere;
  std::size_t last_quoted = nowhere;  ///< the last scalar, when it is a quoted one

  void OnDocumentStart(const YAML::Mark&) override {
    anchors_.clear();
    root = nowhere;
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { add(mark, anchor, YamlKind::null); }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (++aliases_ > most_aliases) stop(mark, "there are more than 1,000 aliases");
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) stop(mark, "an alias has no anchor");
    if (nodes[found->second].open) stop(mark, "an anchor contains itself");
    const std::size_t target = found->second;
    nodes[add(mark, 0, YamlKind::null)].alias = target;
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const std::size_t index = add(mark, anchor, YamlKind::text);
    RawNode& node = nodes[index];
    last_quoted = tag == "!" ? index : nowhere;
    node.text = value;
    node.plain = tag == "?" || tag.empty();
    node.tag = known_tag(mark, tag);
    if (node.plain || node.tag != Tag::none) {
      node.kind = resolve_plain(node.text);
    } else {
      typed_scalar(mark, node, tag);
    }
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    start(mark, tag, anchor, YamlKind::sequence);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    start(mark, tag, anchor, YamlKind::mapping);
  }
  void OnSequenceEnd() override { end(); }
  void OnMapEnd() override { end(); }

  /// Ends what is still open after a syntax error, so that the part before it can be used.
  void close() {
    while (!stack_.empty()) end();
  }

  YamlFault fault(const YAML::Mark& mark, std::string reason) const {
    return {YamlFault::Kind::invalid, {file_, mark.line + 1, mark.column + 1}, std::move(reason), {}, {}};
  }

 private:
  [[noreturn]] void stop(const YAML::Mark& mark, std::string reason) const {
    throw Stop{fault(mark, std::move(reason))};
  }

  std::size_t add(const YAML::Mark& mark, YAML::anchor_t anchor, YamlKind kind) {
    if (nodes.size() >= most_nodes) stop(mark, "there are more than 100,000 nodes");
    const std::size_t index = nodes.size();
    RawNode node;
    node.kind = kind;
    node.line = mark.line + 1;
    node.column = mark.column + 1;
    nodes.push_back(std::move(node));
    if (stack_.empty()) {
      root = index;
    } else {
      nodes[stack_.back()].children.push_back(index);
    }
    if (anchor != 0) anchors_[anchor] = index;
    return index;
  }

  void start(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YamlKind kind) {
    if (stack_.size() >= deepest) stop(mark, "it is nested more than 100 levels deep");
    const std::size_t index = add(mark, anchor, kind);
    nodes[index].tag = known_tag(mark, tag);
    nodes[index].open = true;
    stack_.push_back(index);
  }

  void end() {
    RawNode& node = nodes[stack_.back()];
    node.open = false;
    stack_.pop_back();
    if (node.kind != YamlKind::mapping) return;
    if (node.children.size() % 2 == 1) node.children.pop_back();
    check_keys(node);
  }

  void check_keys(RawNode& node) {
    std::unordered_map<std::string_view, const RawNode*> seen;
    for (std::size_t i = 0; i < node.children.size(); i += 2) {
      const RawNode& key = target(node.children[i]);
      const RawNode& written = nodes[node.children[i]];
      if (key.kind == YamlKind::mapping || key.kind == YamlKind::sequence || key.kind != YamlKind::text) {
        report({YamlFault::Kind::invalid, place(written), "a key is not a text", {}, {}});
        continue;
      }
      if (key.text.size() > longest_key) {
        report({YamlFault::Kind::invalid, place(written), "a key is longer than 4 KB", {}, {}});
        continue;
      }
      const auto [found, fresh] = seen.try_emplace(key.text, &written);
      if (fresh) continue;
      report({YamlFault::Kind::key_duplicated, place(written), {}, key.text, place(*found->second)});
    }
  }

  const RawNode& target(std::size_t index) const {
    return nodes[nodes[index].alias == nowhere ? index : nodes[index].alias];
  }

  Place place(const RawNode& node) const { return {file_, node.line, node.column}; }

  void report(YamlFault fault) {
    if (faults_.size() < most_faults) faults_.push_back(std::move(fault));
  }

  Tag known_tag(const YAML::Mark& mark, const std::string& tag) const {
    static constexpr std::string_view core = "tag:yaml.org,2002:";
    if (tag == "!reset") return Tag::reset;
    if (tag == "!override") return Tag::override;
    const bool standard = tag.empty() || tag == "?" || tag == "!" || tag.compare(0, core.size(), core) == 0;
    if (!standard) stop(mark, "there is a tag that Compose does not define");
    return Tag::none;
  }

  /// Scalars that are quoted or carry a tag of YAML's own.
  void typed_scalar(const YAML::Mark& mark, RawNode& node, const std::string& tag) const {
    static constexpr std::string_view core = "tag:yaml.org,2002:";
    const std::string_view type = tag == "!" ? "str" : std::string_view{tag}.substr(core.size());
    if (type == "str" || type == "binary" || type == "timestamp") return;
    std::string text = node.text;
    const YamlKind kind = resolve_plain(text);
    const bool fits = (type == "int" && kind == YamlKind::integer) || (type == "bool" && kind == YamlKind::boolean) ||
                      (type == "null" && kind == YamlKind::null) ||
                      (type == "float" && (kind == YamlKind::real || kind == YamlKind::integer));
    if (!fits) stop(mark, "a value is not of the type that its tag says");
    node.kind = kind;
    node.text = std::move(text);
  }

  std::string file_;
  std::vector<YamlFault>& faults_;
  std::unordered_map<YAML::anchor_t, std::size_t> anchors_;
  std::vector<std::size_t> stack_;
  std::size_t aliases_ = 0;
};

/// Turns raw nodes into the tree that is handed out. Recursion ends at depth 100.
class Expander {
 public:
  Expander(std::vector<RawNode>& nodes, std::shared_ptr<const std::string> file, YamlBudget& budget,
           YamlDocument& document)
      : nodes_{nodes}, file_{std::move(file)}, budget_{budget}, document_{document} {}

  /// False: the node is taken out by !reset.
  bool expand(std::size_t index, YamlNode& out) {
    if (nodes_[index].alias != nowhere) index = nodes_[index].alias;
    RawNode& raw = nodes_[index];
    charge(raw);
    if (raw.tag != Tag::none) document_.replaced.push_back(path_);
    if (raw.tag == Tag::reset) return false;
    out.kind = raw.kind;
    out.line = raw.line;
    out.column = raw.column;
    out.file = file_;
    out.text = raw.text;
    if (raw.kind == YamlKind::sequence) sequence(raw, out);
    if (raw.kind == YamlKind::mapping) mapping(raw, out);
    return true;
  }

 private:
  void charge(const RawNode& raw) {
    if (depth_ > deepest) throw Stop{fault(raw, "it is nested more than 100 levels deep")};
    if (budget_.nodes == 0) throw Stop{fault(raw, "the files expand to more than 150,000 nodes")};
    --budget_.nodes;
    charge_text(raw);
  }

  void charge_text(const RawNode& raw) {
    if (budget_.bytes < raw.text.size()) throw Stop{fault(raw, "the files expand to more than 16 MB of text")};
    budget_.bytes -= raw.text.size();
  }

  YamlFault fault(const RawNode& raw, std::string reason) const {
    return {YamlFault::Kind::invalid, {*file_, raw.line, raw.column}, std::move(reason), {}, {}};
  }

  void sequence(const RawNode& raw, YamlNode& out) {
    ++depth_;
    path_.emplace_back("[]");
    out.items.reserve(raw.children.size());
    for (const std::size_t child : raw.children) {
      YamlNode item;
      if (expand(child, item)) out.items.push_back(std::move(item));
    }
    path_.pop_back();
    --depth_;
  }

  void mapping(const RawNode& raw, YamlNode& out) {
    ++depth_;
    std::unordered_map<std::string, std::size_t> places;
    std::vector<std::size_t> merges;
    out.entries.reserve(raw.children.size() / 2);
    for (std::size_t i = 0; i + 1 < raw.children.size(); i += 2) {
      const RawNode& written = nodes_[raw.children[i]];
      const RawNode& key = written.alias == nowhere ? written : nodes_[written.alias];
      if (key.kind != YamlKind::text || key.text.size() > longest_key) continue;
      if (key.plain && key.text == "<<") {
        merges.push_back(raw.children[i + 1]);
        continue;
      }
      charge_text(key);
      YamlEntry entry{key.text, {}, written.line, written.column};
      path_.push_back(key.text);
      const bool kept = expand(raw.children[i + 1], entry.value);
      path_.pop_back();
      if (!kept) continue;
      const auto [found, fresh] = places.try_emplace(key.text, out.entries.size());
      if (fresh) {
        out.entries.push_back(std::move(entry));
      } else {
        out.entries[found->second] = std::move(entry);
      }
    }
    for (const std::size_t merge : merges) merge_into(merge, out, places);
    --depth_;
  }

  void merge_into(std::size_t source, YamlNode& out, std::unordered_map<std::string, std::size_t>& places) {
    YamlNode merged;
    if (!expand(source, merged)) return;
    std::vector<YamlNode> sources;
    if (merged.is_sequence()) {
      sources = std::move(merged.items);
    } else {
      sources.push_back(std::move(merged));
    }
    for (auto& node : sources) {
      if (!node.is_mapping()) throw Stop{fault(nodes_[source], "a merge key (<<) takes a mapping or a list of them")};
      for (auto& entry : node.entries) {
        if (places.try_emplace(entry.key, out.entries.size()).second) out.entries.push_back(std::move(entry));
      }
    }
  }

  std::vector<RawNode>& nodes_;
  std::shared_ptr<const std::string> file_;
  YamlBudget& budget_;
  YamlDocument& document_;
  YamlPath path_;
  std::size_t depth_ = 1;
};

/// A carriage return on its own ends a line, too; the library knows it only in front of a line feed.
std::string with_line_feeds(std::string_view text) {
  std::string out{text};
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (out[i] == '\r' && (i + 1 == out.size() || out[i + 1] != '\n')) out[i] = '\n';
  }
  return out;
}

/// The part of a message of the library that does not depend on the input.
std::string safe_reason(const std::string& message) {
  const std::string fixed = message.substr(0, message.find(':'));
  return "it is not valid YAML: " + util::shown(fixed, 80);
}

/// The line (1-based) of the first character that YAML forbids; 0: none.
int forbidden_character(std::string_view text) {
  int line = 1;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') ++line;
    if ((byte < 0x20 && c != '\n' && c != '\r' && c != '\t') || byte == 0x7f) return line;
  }
  return 0;
}

bool starts_with_tab(std::string_view text, int line) {
  std::size_t start = 0;
  for (int i = 1; i < line && start != std::string_view::npos; ++i) {
    start = text.find('\n', start);
    if (start != std::string_view::npos) ++start;
  }
  if (start == std::string_view::npos) return false;
  const auto indent = text.find_first_not_of(' ', start);
  return indent != std::string_view::npos && text[indent] == '\t';
}

/// The library takes a quoted scalar at the end of a text for ended when its closing quote is missing.
bool is_unclosed(std::string_view text, const RawNode& scalar) {
  std::size_t at = 0;
  for (int line = 1; line < scalar.line && at < text.size(); ++line)
    at = std::min(text.find('\n', at), text.size()) + 1;
  for (int column = 1; column < scalar.column && at < text.size(); ++column) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80) ++at;
  }
  at = text.find_first_of("\"'", std::min(at, text.size()));
  if (at == std::string_view::npos) return false;
  const char quote = text[at];
  for (++at; at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\') {
      ++at;
    } else if (text[at] == quote) {
      if (quote == '"' || at + 1 >= text.size() || text[at + 1] != quote) return false;
      ++at;
    }
  }
  return true;
}

std::optional<YamlFault> refused(std::string_view text, const std::string& file, const YamlBudget& budget) {
  const auto fault = [&](int line, std::string reason) {
    return YamlFault{YamlFault::Kind::invalid, {file, line, 0}, std::move(reason), {}, {}};
  };
  if (text.size() > most_bytes) return fault(0, "it is larger than 4 MB");
  if (text.size() > budget.source) return fault(0, "the files of the project are larger than 16 MB together");
  if (text.substr(0, 2) == "\xff\xfe" || text.substr(0, 2) == "\xfe\xff") {
    return fault(1, "the text is UTF-16; write it as UTF-8");
  }
  if (!util::valid_utf8(text)) return fault(1, "it is not valid UTF-8");
  if (text.substr(0, 5) == "%YAML" && text.substr(0, 9) != "%YAML 1.1") return fault(1, "its YAML version is not 1.1");
  if (const int line = forbidden_character(text); line != 0) return fault(line, "there is a control character in it");
  return std::nullopt;
}

}  // namespace

YamlFile parse_yaml(std::string_view text, const std::string& file, YamlBudget& budget) {
  YamlFile result;
  if (auto fault = refused(text, file, budget)) {
    result.faults.push_back(std::move(*fault));
    return result;
  }
  budget.source -= text.size();
  const auto name = std::make_shared<const std::string>(file);
  std::istringstream stream{with_line_feeds(text)};
  Builder builder{file, result.faults};
  const auto expand = [&] {
    if (builder.root == nowhere) return;
    YamlDocument document;
    try {
      Expander{builder.nodes, name, budget, document}.expand(builder.root, document.root);
      result.documents.push_back(std::move(document));
    } catch (const Stop& stop) {
      if (result.faults.size() < most_faults) result.faults.push_back(stop.fault);
    }
  };
  try {
    YAML::Parser parser{stream};
    while (parser.HandleNextDocument(builder)) {
      expand();
      builder.root = nowhere;
      if (result.documents.size() > most_documents) {
        result.faults.push_back({YamlFault::Kind::invalid, {file, 1, 1}, "it has more than 100 documents", {}, {}});
        return result;
      }
    }
    if (builder.last_quoted == nowhere) return result;
    const RawNode& last = builder.nodes[builder.last_quoted];
    if (!is_unclosed(text, last)) return result;
    const Place start{file, last.line, last.column};
    result.faults.push_back({YamlFault::Kind::invalid, start, "a quote is not closed", {}, {}});
    return result;
  } catch (const Stop& stop) {
    result.faults.push_back(stop.fault);
  } catch (const YAML::Exception& error) {
    const bool tab = starts_with_tab(text, error.mark.line + 1);
    result.faults.push_back(
        builder.fault(error.mark, tab ? "a line is indented with a tab; YAML wants spaces" : safe_reason(error.msg)));
  }
  builder.close();
  expand();
  return result;
}

const YamlNode* YamlNode::find(std::string_view key) const {
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const auto& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &found->value;
}

YamlNode* YamlNode::find(std::string_view key) {
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const auto& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &found->value;
}

YamlNode& YamlNode::set(std::string_view key, YamlNode value) {
  if (YamlNode* found = find(key)) return *found = std::move(value);
  const int at_line = value.line;
  const int at_column = value.column;
  entries.push_back({std::string{key}, std::move(value), at_line, at_column});
  return entries.back().value;
}

void YamlNode::erase(std::string_view key) {
  std::erase_if(entries, [&](const YamlEntry& entry) { return entry.key == key; });
}

YamlNode YamlNode::here(YamlKind new_kind, std::string new_text) const {
  YamlNode node;
  node.kind = new_kind;
  node.line = line;
  node.column = column;
  node.file = file;
  node.text = std::move(new_text);
  return node;
}

bool same_yaml(const YamlNode& left, const YamlNode& right) {
  if (left.kind != right.kind || left.text != right.text || left.items.size() != right.items.size() ||
      left.entries.size() != right.entries.size()) {
    return false;
  }
  for (std::size_t i = 0; i < left.items.size(); ++i) {
    if (!same_yaml(left.items[i], right.items[i])) return false;
  }
  const auto by_key = [](const YamlEntry* a, const YamlEntry* b) { return a->key < b->key; };
  std::set<const YamlEntry*, decltype(by_key)> others(by_key);
  for (const auto& entry : right.entries) others.insert(&entry);
  for (const auto& entry : left.entries) {
    const auto other = others.find(&entry);
    if (other == others.end() || !same_yaml(entry.value, (*other)->value)) return false;
  }
  return true;
}

}  // namespace doctor::formats
