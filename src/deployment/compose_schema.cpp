#include <memory>
#include <sstream>
#include <unordered_map>
#include <unordered_set>

#include "deployment/compose_internal.hpp"
#include "deployment/compose_schema_rules.hpp"
#include "deployment/compose_value_forms.hpp"
#include "util/text.hpp"

namespace doctor::deployment::compose {
namespace {

struct Shape {
  std::string kinds;
  bool extensions = true;  ///< x- keys are allowed
  bool open = false;       ///< any further key is allowed
  bool unique = false;
  std::vector<std::string> allowed;
  std::vector<std::string> required;
  std::unordered_map<std::string, std::unique_ptr<Shape>> keys;
  std::unique_ptr<Shape> named;  ///< "*"
  std::unique_ptr<Shape> any;    ///< "?"
  std::unique_ptr<Shape> items;  ///< "[]"
};

Shape& child(Shape& shape, const std::string& step) {
  auto& place = step == "*" ? shape.named : step == "?" ? shape.any : step == "[]" ? shape.items : shape.keys[step];
  if (!place) place = std::make_unique<Shape>();
  return *place;
}

struct Macro {
  std::string_view name;
  std::string_view rules;  ///< "" as path: the node itself
};

constexpr Macro macros[] = {
    {"LD", ". ao !u\n[] s\n? snb0"},
    {"SL", ". sa u\n[] s"},
    {"LS", ". a u\n[] s"},
    {"LT", ". a\n[] s"},
    {"EH", ". ao !u\n[] s\n? sa\n?/[] s"},
    {"UL", ". o\n? iso &soft,hard\n?/soft is\n?/hard is"},
    {"MO", ". a\n[] so\n[]/source s\n[]/target s\n[]/uid s\n[]/gid s\n[]/mode ns"},
    {"CO", ". 0sa\n[] s"},
    {"OP", ". o !\n? sn"},
    {"BL", ". a\n[] o !\n[]/path s\n[]/rate is"},
    {"BW", ". a\n[] o !\n[]/path s\n[]/weight is"},
    {"DE", ". a\n[] o &capabilities\n[]/capabilities LS\n[]/count si\n[]/device_ids LS\n[]/driver s\n[]/options LD"},
    {"HO", ". o\ncommand CO\nuser s\nprivileged bs\nworking_dir s\nenvironment LD"},
    {"RC",
     ". o\nparallelism is\ndelay s\nfailure_action s\nmonitor s\nmax_failure_ratio ns\norder s "
     "=start-first|stop-first"},
};

void add_rules(Shape& root, std::string_view rules);

bool add_macro(Shape& shape, const std::string& name) {
  for (const auto& macro : macros) {
    if (macro.name != name) continue;
    add_rules(shape, macro.rules);
    return true;
  }
  return false;
}

void add_options(Shape& shape, const std::string& options) {
  for (std::size_t i = 0; i < options.size(); ++i) {
    const char c = options[i];
    if (c == '!') shape.extensions = false;
    if (c == '+') shape.open = true;
    if (c == 'u') shape.unique = true;
    if (c == '=') shape.allowed = util::split(options.substr(i + 1), '|');
    if (c == '&') shape.required = util::split(options.substr(i + 1), ',');
    if (c == '=' || c == '&') return;
  }
}

void add_rules(Shape& root, std::string_view rules) {
  std::istringstream lines{std::string{rules}};
  std::string line;
  while (std::getline(lines, line)) {
    std::istringstream words{line};
    std::string path;
    std::string kinds;
    std::string options;
    words >> path >> kinds >> options;
    if (path.empty()) continue;
    Shape* shape = &root;
    if (path != ".") {
      for (const auto& step : util::split(path, '/')) shape = &child(*shape, step);
    }
    if (add_macro(*shape, kinds)) continue;
    shape->kinds = kinds;
    add_options(*shape, options);
  }
}

const Shape& schema() {
  static const std::unique_ptr<Shape> shape = [] {
    auto root = std::make_unique<Shape>();
    root->kinds = "o";
    add_rules(*root, schema_rules);
    return root;
  }();
  return *shape;
}

bool accepts(const Shape& shape, YamlKind kind) {
  const auto has = [&](char letter) { return shape.kinds.find(letter) != std::string::npos; };
  switch (kind) {
    case YamlKind::null:
      return has('0');
    case YamlKind::boolean:
      return has('b');
    case YamlKind::integer:
      return has('i') || has('n');
    case YamlKind::real:
      return has('n');
    case YamlKind::text:
      return has('s');
    case YamlKind::sequence:
      return has('a');
    case YamlKind::mapping:
      return has('o');
  }
  return false;
}

std::string wanted(const Shape& shape) {
  std::vector<std::string> words;
  for (const char c : shape.kinds) {
    const char* word = c == 's'   ? "a text"
                       : c == 'n' ? "a number"
                       : c == 'i' ? "an integer"
                       : c == 'b' ? "true or false"
                       : c == 'o' ? "a mapping"
                       : c == 'a' ? "a list"
                                  : "nothing";
    words.emplace_back(word);
  }
  return util::join(words, " or ");
}

bool is_name(const std::string& key) {
  return !key.empty() && key.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
                             std::string::npos;
}

const Shape* shape_of(const Shape& shape, const std::string& key) {
  if (const auto found = shape.keys.find(key); found != shape.keys.end()) return found->second.get();
  if (shape.named && is_name(key)) return shape.named.get();
  return key.empty() ? nullptr : shape.any.get();
}

class SchemaChecker {
 public:
  explicit SchemaChecker(Loading& loading) : loading_{loading} {}

  void check(const YamlNode& node, const Shape& shape) {
    if (!accepts(shape, node.kind)) {
      return loading_.invalid(node.place(), where() + " must be " + wanted(shape));
    }
    if (node.kind == YamlKind::real && (node.text == "NaN" || node.text.ends_with("Inf"))) {
      return loading_.invalid(node.place(), where() + " must be a finite number");
    }
    if (node.is_mapping()) return mapping(node, shape);
    if (node.is_sequence()) return sequence(node, shape);
    check_form(node);
    if (shape.allowed.empty() || !node.is_text()) return;
    for (const auto& word : shape.allowed) {
      if (node.text == word) return;
    }
    loading_.invalid(node.place(), where() + " must be one of " + util::join(shape.allowed, ", "));
  }

 private:
  /// Durations, sizes and command lines are read after the schema in Docker Compose; refused all the same.
  void check_form(const YamlNode& node) {
    if (!node.is_text() || path_.size() < 3 || path_.front() != "services") return;
    for (const auto& form : value_forms) {
      if (matches(path_, form.pattern) && !form.fits(node.text)) {
        return loading_.invalid(node.place(), where() + " is not " + form.name);
      }
    }
  }

  std::string where() const { return path_.empty() ? "the file" : util::shown(util::join(path_, "."), 100); }

  void mapping(const YamlNode& node, const Shape& shape) {
    for (const auto& key : shape.required) {
      if (node.find(key) == nullptr) loading_.invalid(node.place(), where() + " lacks the key " + key);
    }
    for (const auto& entry : node.entries) {
      const Shape* inner = shape_of(shape, entry.key);
      const bool extension = shape.extensions && entry.key.compare(0, 2, "x-") == 0;
      path_.push_back(entry.key);
      if (inner != nullptr) {
        check(entry.value, *inner);
      } else if (!extension && !shape.open) {
        const Place place{entry.value.file ? *entry.value.file : std::string{}, entry.line, entry.column};
        loading_.invalid(place, where() + " is not a key that Compose knows");
      }
      path_.pop_back();
    }
  }

  void sequence(const YamlNode& node, const Shape& shape) {
    if (!shape.items) return;
    std::unordered_set<std::string_view> seen;
    path_.emplace_back("[]");
    for (const auto& item : node.items) {
      check(item, *shape.items);
      if (shape.unique && item.is_scalar() && !seen.insert(item.text).second) {
        loading_.invalid(item.place(), where() + " is there twice");
      }
    }
    path_.pop_back();
  }

  Loading& loading_;
  YamlPath path_;
};

}  // namespace

void check_schema(Loading& loading, const YamlNode& root) {
  SchemaChecker{loading}.check(root, schema());
}

}  // namespace doctor::deployment::compose
