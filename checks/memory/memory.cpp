#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/check.hpp"
#include "doctor/codes/memory.hpp"
#include "doctor/format/text.hpp"

namespace doctor::checks {
namespace {

constexpr std::string_view options_role = "node-options";

// ---- facts

/// The options for Node.js of one service, and the memory that it may use.
struct OptionsFacts {
  std::string subject;
  std::string name;
  std::string service;
  std::string where;
  std::string text;
  bool hidden = false;      ///< the value is secret, and cannot be read here
  std::uint64_t limit = 0;  ///< bytes; 0: none
  std::string limit_source;
};

using Facts = std::vector<OptionsFacts>;

// ---- observe

/// What a container has counts; a compose file says only what the next one will get.
void find_limit(const Service& service, OptionsFacts& facts) {
  if (service.container) {
    facts.limit = service.container->memory_limit;
    facts.limit_source = "container " + service.container->name;
  } else {
    facts.limit = service.memory_limit;
    facts.limit_source = service.place.text();
  }
}

Facts observe(const Context& context) {
  Facts facts;
  for (const auto* setting : context.deployment.with_role(options_role)) {
    const auto* service = context.deployment.service(setting->service);
    const auto& value = setting->value();
    if (service == nullptr || !service->enabled || !value) continue;
    OptionsFacts one;
    one.subject = setting->subject();
    one.name = setting->name;
    one.service = service->name;
    one.where = setting->where();
    one.hidden = value->is_secret();
    if (!one.hidden) one.text = value->text();
    find_limit(*service, one);
    facts.push_back(std::move(one));
  }
  return facts;
}

// ---- diagnose

/// Words between blanks; double quotation marks hold a word together, and a backslash in them stands for what follows
/// it (Node.js, node_options.cc).
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  bool quoted = false;
  bool begun = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '"') {
      quoted = !quoted;
      continue;
    }
    if (c == ' ' && !quoted) {
      begun = false;
      continue;
    }
    if (c == '\\' && quoted && i + 1 < text.size()) c = text[++i];
    if (!begun) words.emplace_back();
    begun = true;
    words.back() += c;
  }
  return words;
}

struct Problem {
  std::string option;
  std::string reason;
};

/// What the options say about the heap of JavaScript objects.
struct Options {
  std::optional<std::int64_t> heap;  ///< MiB
  std::vector<Problem> problems;
};

constexpr std::string_view heap_option = "max-old-space-size";

/// Behind the name of the option: "=384".
void read_heap(const std::string& word, std::string_view rest, Options& options) {
  if (rest.empty())
    return options.problems.push_back({word, "no number behind an equals sign, so that Node ends at once"});
  rest.remove_prefix(1);
  if (rest.empty())
    return options.problems.push_back({word, "no number behind the equals sign, so that it does nothing"});
  const bool digits = std::all_of(rest.begin(), rest.end(), [](char c) { return c >= '0' && c <= '9'; });
  const auto number = formats::integer(rest);
  if (!digits || !number)
    return options.problems.push_back({word, "not a whole number of MiB, so that Node ends at once"});
  options.heap = *number;  // the last one wins
}

/// Only options that Node and everybody else know: whatever else stands there may be right.
Options read(std::string_view text) {
  Options options;
  for (const auto& word : words_of(text)) {
    auto name = word;
    std::replace(name.begin(), name.end(), '_', '-');
    const auto at = name.find(heap_option);
    const auto rest =
        at == std::string::npos ? std::string_view{} : std::string_view{word}.substr(at + heap_option.size());
    if (at == std::string::npos || at > 3 || (!rest.empty() && rest.front() != '=')) continue;
    const auto dashes = name.substr(0, at);
    if (dashes == "--") {
      read_heap(word, rest, options);
    } else if (dashes == "-") {
      options.problems.push_back({word, "one dash instead of two, so that Node ends at once"});
    } else {
      options.problems.push_back({word, "no two dashes before it, so that Node ignores it and all that follows"});
      break;
    }
  }
  return options;
}

void judge_problems(const OptionsFacts& facts, const Options& options, Judgement& out) {
  for (const auto& problem : options.problems)
    out.findings.emplace_back(codes::memory_option_invalid, facts.subject,
                              std::vector<Evidence>{{"setting", facts.name, {}, {}},
                                                    {"service", facts.service, {}, {}},
                                                    {"option", formats::shown(problem.option, 60), facts.where, {}},
                                                    {"problem", problem.reason, {}, {}},
                                                    {"where", facts.where, {}, {}}});
}

/// A fifth of the limit is the least that Node needs beside its heap: code, buffers, stacks of its threads.
bool is_too_large(std::uint64_t heap, std::uint64_t limit) {
  constexpr double most_percent = 80;
  return static_cast<double>(heap) * 100 > static_cast<double>(limit) * most_percent;
}

void judge(const OptionsFacts& facts, Judgement& out) {
  constexpr std::int64_t most_mebibytes = 1LL << 40;
  constexpr std::uint64_t mebibyte = 1024 * 1024;
  if (facts.hidden) return out.unexamined.push_back({facts.subject, "its value is kept secret"});
  const auto options = read(facts.text);
  judge_problems(facts, options, out);
  if (!options.heap || !options.problems.empty()) return;
  const auto heap = static_cast<std::uint64_t>(std::min(*options.heap, most_mebibytes)) * mebibyte;
  const auto heap_text = std::to_string(*options.heap) + " MiB";
  const auto limit_text = std::to_string(facts.limit / mebibyte) + " MiB";
  if (facts.limit > 0 && is_too_large(heap, facts.limit))
    out.findings.emplace_back(codes::memory_heap_exceeds_limit, facts.subject,
                              std::vector<Evidence>{{"setting", facts.name, {}, {}},
                                                    {"service", facts.service, {}, {}},
                                                    {"heap", heap_text, facts.where, {}},
                                                    {"limit", limit_text, facts.limit_source, {}},
                                                    {"where", facts.where, {}, {}}});
  else
    out.healthy.push_back({facts.subject, "a heap of " + heap_text + (facts.limit > 0 ? " of " + limit_text : "")});
}

Judgement diagnose(const Facts& facts) {
  Judgement out;
  for (const auto& one : facts) judge(one, out);
  return out;
}

Judgement run(const Context& context) {
  return diagnose(observe(context));
}

constexpr std::array reads{options_role};
constexpr std::array codes_of_memory{codes::memory_heap_exceeds_limit, codes::memory_option_invalid};

}  // namespace

extern const CheckInfo memory{
    "memory", "what programs are told to use of memory fits into what they may use", reads, {}, codes_of_memory, run};

}  // namespace doctor::checks
