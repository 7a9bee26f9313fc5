#include <array>
#include <optional>
#include <string>
#include <vector>

#include "doctor/check.hpp"
#include "doctor/codes/files.hpp"
#include "doctor/format/line_match.hpp"
#include "doctor/format/text.hpp"

namespace doctor::checks {
namespace {

// ---- facts

struct FileFacts {
  Expectation expected;
  std::string shown;  ///< the path as shown to the user
  Outcome<FileAnswer> state;
  std::optional<Outcome<TextAnswer>> text;  ///< only of a regular file whose content matters
};

using Facts = std::vector<FileFacts>;

// ---- observe

Facts observe(const Context& context) {
  const auto& deployment = context.deployment;
  Facts facts;
  for (const auto& expected : deployment.description.files) {
    const auto path = deployment.directory + "/" + expected.file;
    FileFacts one{expected, deployment.shown_path(path), context.ask(FileQuestion{path}), std::nullopt};
    const bool content = !expected.contains.empty() || !expected.forbids.empty();
    if (content && one.state && one.state->kind == "file") one.text = context.ask(TextQuestion{path});
    facts.push_back(std::move(one));
  }
  return facts;
}

// ---- diagnose

std::string subject_of(const FileFacts& facts) {
  return facts.expected.subject.empty() ? "file:" + facts.shown : facts.expected.subject;
}

void report_content(Judgement& out, const FileFacts& facts, int line, const std::string& reason) {
  out.findings.emplace_back(codes::file_content_unexpected, subject_of(facts),
                            std::vector<Evidence>{{"path", facts.shown, {}, "host"},
                                                  {"line", std::to_string(line), facts.shown, "host"},
                                                  {"reason", reason, facts.shown, "host"}},
                            facts.expected.violated);
}

void judge_content(const FileFacts& facts, Judgement& out) {
  const auto& text = *facts.text;
  if (!text) {
    if (text.error().kind == FailureKind::too_large)
      report_content(out, facts, 0, "larger than a file of its kind can be");
    else
      out.unexamined.push_back({subject_of(facts), formats::describe(text.error())});
    return;
  }
  const auto& expected = facts.expected;
  if (!expected.contains.empty() && text->text.find(expected.contains) == std::string::npos)
    return report_content(out, facts, 0, "lacks " + formats::shown(expected.contains, 60));
  if (!expected.forbids.empty()) {
    const auto line = formats::first_matching_line(text->text, expected.forbids);
    if (!line) return out.unexamined.push_back({subject_of(facts), "the description's pattern: " + line.error()});
    if (*line > 0) return report_content(out, facts, *line, "holds a line that must not be there");
  }
  out.healthy.push_back({subject_of(facts), "content as expected"});
}

/// A file that must only not hold something may be absent.
bool may_be_absent(const Expectation& expected) {
  return !expected.forbids.empty() && expected.contains.empty();
}

void judge(const FileFacts& facts, Judgement& out) {
  const auto subject = subject_of(facts);
  if (!facts.state) return out.unexamined.push_back({subject, formats::describe(facts.state.error())});
  if (facts.state->kind == "missing") {
    if (may_be_absent(facts.expected)) return out.skipped.push_back({subject, "there is no " + facts.shown});
    out.findings.emplace_back(codes::file_missing, subject, std::vector<Evidence>{{"path", facts.shown, {}, "host"}},
                              facts.expected.violated);
    return;
  }
  if (facts.state->kind != "file") return report_content(out, facts, 0, "not a file: " + facts.state->kind);
  if (facts.text) return judge_content(facts, out);
  out.healthy.push_back({subject, "there"});
}

Judgement diagnose(const Facts& facts) {
  Judgement out;
  for (const auto& one : facts) judge(one, out);
  return out;
}

Judgement run(const Context& context) {
  return diagnose(observe(context));
}

constexpr std::array codes_of_files{codes::file_missing, codes::file_content_unexpected};

}  // namespace

extern const CheckInfo files{
    "files", "the files that the application needs are there and intact", {}, {}, codes_of_files, run};

}  // namespace doctor::checks
