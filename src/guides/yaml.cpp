#include "guides/yaml.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>

#include "util/text.hpp"

namespace doctor::guides::yaml {
namespace {

/// Leaves the parser from within an event; caught in read().
struct Refused {
  YAML::Mark mark;
  std::string message;
};

/// What a copy of `root` costs, in nodes; long texts count as several.
std::size_t weight(const Node& root) {
  std::size_t count = 0;
  std::vector<const Node*> open{&root};
  while (!open.empty()) {
    const Node* node = open.back();
    open.pop_back();
    count += 1 + node->text.size() / 64;
    for (const auto& item : node->items) open.push_back(&item);
    for (const auto& member : node->members) open.push_back(&member.value);
  }
  return count;
}

/// The parser looks ahead to the end of the line for each `[` that may begin a key, and keeps what it has seen.
bool has_short_lines(std::string_view text, const std::string& file, int first_line, Problems& problems) {
  std::size_t begin = 0;
  for (int line = first_line; begin < text.size(); ++line) {
    const auto end = std::min(text.find('\n', begin), text.size());
    if (end - begin > most_line_bytes) {
      problems.push_back({file, line, 0, "a line is longer than " + util::bytes(most_line_bytes)});
      return false;
    }
    begin = end + 1;
  }
  return true;
}

class Builder : public YAML::EventHandler {
 public:
  Builder(const std::string& file, int first_line, Problems& problems)
      : file_{file}, first_line_{first_line}, problems_{problems} {}

  Node take() { return std::move(root_); }
  int line(const YAML::Mark& mark) const { return mark.line < 0 ? 0 : mark.line + first_line_; }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(leaf(Node::Kind::null, mark), mark, anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (++aliases_ > most_aliases) throw Refused{mark, "too many aliases"};
    const auto known = anchors_.find(anchor);
    if (known == anchors_.end()) throw Refused{mark, "an alias must not stand within its own anchor"};
    count(known->second.weight, mark);
    add(known->second.node, mark, 0);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_tag(mark, tag);
    auto node = leaf(Node::Kind::scalar, mark);
    node.text = value;
    node.quoted = tag == "!";
    add(std::move(node), mark, anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Node::Kind::sequence, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Node::Kind::mapping, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    Node node;
    YAML::Mark mark;
    YAML::anchor_t anchor;
    std::optional<Member> key = std::nullopt;  ///< read, its value is still to come
    std::map<std::string, int> lines = {};     ///< of the keys so far
  };
  struct Anchored {
    Node node;
    std::size_t weight;
  };

  Node leaf(Node::Kind kind, const YAML::Mark& mark) const {
    Node node;
    node.kind = kind;
    node.line = line(mark);
    node.column = mark.column + 1;
    return node;
  }

  void count(std::size_t more, const YAML::Mark& mark) {
    nodes_ += more;
    if (nodes_ > most_nodes) throw Refused{mark, "too many values"};
  }

  static void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!")
      throw Refused{mark, "the tag " + util::shown(tag, 40) + " is not known here"};
  }

  void open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    refuse_tag(mark, tag);
    if (open_.size() >= most_depth) throw Refused{mark, "nested too deeply"};
    open_.push_back({leaf(kind, mark), mark, anchor});
  }

  void close() {
    auto done = std::move(open_.back());
    open_.pop_back();
    add(std::move(done.node), done.mark, done.anchor);
  }

  void add(Node node, const YAML::Mark& mark, YAML::anchor_t anchor) {
    count(1, mark);
    if (anchor != 0) anchors_[anchor] = {node, weight(node)};
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    auto& parent = open_.back();
    if (parent.node.kind == Node::Kind::sequence) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.key) {
      begin_member(parent, node, mark);
    } else {
      parent.key->value = std::move(node);
      parent.node.members.push_back(std::move(*parent.key));
      parent.key.reset();
    }
  }

  void begin_member(Open& parent, const Node& key, const YAML::Mark& mark) {
    if (key.kind != Node::Kind::scalar) throw Refused{mark, "a key must be a word"};
    const auto [first, is_new] = parent.lines.emplace(key.text, key.line);
    if (problems_.size() > most_problems) throw Refused{mark, "too many mistakes; the rest was not read"};
    if (!is_new)
      problems_.push_back(
          {file_, key.line, key.column,
           "the key " + util::shown(key.text, 60) + " is already in line " + std::to_string(first->second)});
    parent.key = Member{key.text, key.line, key.column, {}};
  }

  const std::string& file_;
  int first_line_;
  Problems& problems_;
  Node root_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  std::size_t nodes_ = 0;
  std::size_t aliases_ = 0;
};

}  // namespace

const Node* Node::find(std::string_view key) const {
  const auto found = std::find_if(members.begin(), members.end(), [key](const Member& m) { return m.key == key; });
  return found == members.end() ? nullptr : &found->value;
}

Node read(std::string_view text, const std::string& file, Problems& problems, int first_line) {
  if (!is_readable(text, most_bytes, file, problems)) return {};
  if (!has_short_lines(text, file, first_line, problems)) return {};
  Builder builder{file, first_line, problems};
  const auto refuse = [&](const YAML::Mark& mark, const std::string& message) {
    problems.push_back({file, builder.line(mark), mark.column + 1, message});
  };
  try {
    std::istringstream stream{std::string{text}};
    YAML::Parser parser{stream};
    parser.HandleNextDocument(builder);
    Problems ignored;
    Builder second{file, first_line, ignored};
    if (parser.HandleNextDocument(second)) problems.push_back({file, 0, 0, "holds more than one YAML document"});
  } catch (const Refused& refused) {
    refuse(refused.mark, refused.message);
  } catch (const YAML::Exception& error) {
    refuse(error.mark, "YAML: " + util::shown(error.msg));
  }
  return builder.take();
}

std::string_view kind_name(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null:
      return "nothing";
    case Node::Kind::scalar:
      return "a single value";
    case Node::Kind::sequence:
      return "a list";
    case Node::Kind::mapping:
      break;
  }
  return "a mapping";
}

}  // namespace doctor::guides::yaml
