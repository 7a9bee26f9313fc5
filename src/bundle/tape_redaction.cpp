#include "bundle/tape_redaction.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "bundle/redacting_text.hpp"
#include "bundle/yaml_redaction.hpp"
#include "probes/plugins.hpp"
#include "probes/recorder_template.hpp"
#include "util/text.hpp"

namespace doctor::bundle {
namespace {

constexpr std::string_view member = "answers/tape.json";
constexpr std::size_t frame_bytes = 64;  // of the document around its answers
constexpr std::size_t most_shown = 200;

struct Entry {
  std::string key;
  std::string outcome;

  /// In the document: a line with the key as a JSON string.
  std::size_t bytes() const { return probes::compact(util::Json(key)).size() + outcome.size() + 4; }
};

bool is_yaml(const std::string& path) {
  return path.ends_with(".yaml") || path.ends_with(".yml");
}

/// Nothing when it is no answer to this kind of question.
template <class Question>
std::optional<Entry> redacted_as(const std::string& key, const std::string& outcome, const RedactingText& text) {
  const auto blank = key.find(' ');
  if (key.substr(0, blank) != Question::probe || blank == std::string::npos) return std::nullopt;
  Question question{};
  try {
    util::from_json(util::Json::parse(key.substr(blank + 1)), question);
  } catch (const util::Json::exception&) {
    return std::nullopt;
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
  auto decoded = probes::decoded<typename Question::Answer>(outcome);
  if constexpr (std::is_same_v<Question, TextQuestion>)
    if (decoded && is_yaml(question.path)) {
      decoded->text = redacted_yaml(decoded->text, text.redactor(), text.hosts());
      return Entry{probes::canonical_key(question, text), probes::encoded(decoded)};
    }
  return Entry{probes::canonical_key(question, text), probes::encoded(decoded, text)};
}

template <class... Questions>
struct Kinds {
  static std::optional<Entry> redacted(const std::string& key, const std::string& outcome, const RedactingText& text) {
    std::optional<Entry> entry;
    static_cast<void>(((entry = redacted_as<Questions>(key, outcome, text)) || ...));
    return entry;
  }
};

/// Gathers what goes into the bundle, and what does not.
class Collection {
 public:
  Collection(const redact::Redactor& redactor, const HiddenHosts* hosts) : text_{redactor, hosts} {}

  void add(const std::string& key, const std::string& outcome) {
    using OfPlugins = Kinds<probes::PluginsQuestion, probes::PluginRunQuestion>;
    auto entry = ForAllQuestions<Kinds>::redacted(key, outcome, text_);
    if (!entry) entry = OfPlugins::redacted(key, outcome, text_);
    if (!entry) return miss(text_(key), "doctor cannot read what it recorded");
    const auto [found, is_new] = outcomes_.try_emplace(entry->key, std::move(entry->outcome));
    if (!is_new && found->second != entry->outcome) found->second.clear();
  }

  RedactedTape within(std::size_t most_bytes) {
    RedactedTape result;
    std::vector<Entry> entries;
    for (auto& [key, outcome] : outcomes_) {
      if (outcome.empty())
        miss(key, "several questions are this one when secrets are replaced, and their answers differ");
      else
        entries.push_back({key, std::move(outcome)});
    }
    drop_largest(entries, most_bytes);
    for (auto& entry : entries) result.tape.write(entry.key, std::move(entry.outcome));
    result.missing = std::move(missing_);
    return result;
  }

 private:
  void drop_largest(std::vector<Entry>& entries, std::size_t most_bytes) {
    std::size_t total = frame_bytes;
    for (const auto& entry : entries) total += entry.bytes();
    std::stable_sort(entries.begin(), entries.end(),
                     [](const Entry& a, const Entry& b) { return a.outcome.size() < b.outcome.size(); });
    for (; total > most_bytes && !entries.empty(); entries.pop_back()) {
      const auto bytes = entries.back().bytes();
      miss(entries.back().key, "no room for an answer of " + std::to_string(bytes) + " bytes");
      total -= bytes;
    }
  }

  void miss(const std::string& key, std::string reason) {
    missing_.push_back({std::string{member}, util::shown(key, most_shown), std::move(reason)});
  }

  RedactingText text_;
  std::map<std::string, std::string> outcomes_;  // empty: it has no single one
  std::vector<Missing> missing_;
};

}  // namespace

RedactedTape redacted(const probes::Tape& tape, const redact::Redactor& redactor, std::size_t most_bytes,
                      const HiddenHosts* hosts) {
  Collection collection{redactor, hosts};
  tape.each([&](const std::string& key, const std::string& outcome) { collection.add(key, outcome); });
  return collection.within(most_bytes);
}

}  // namespace doctor::bundle
