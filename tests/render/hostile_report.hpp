#pragma once

#include <string>

#include "tests/render/report_fixture.hpp"

/// Words that become something else wherever a format forgets to escape them.
inline std::string hostile_text(const std::string& address = "http://evil.example") {
  using namespace std::string_literals;
  return "<script>document.title='owned'</script><img src=\"" + address +
         "/i.png\" onerror=\"document.title='owned'\">\"'><svg onload=\"document.title='owned'\"> "
         "[click](javascript:alert(1)) "
         "![p](" +
         address + "/p.png) <" + address + "/a> " + address +
         "/b www.evil.example @everyone #1 !2 ~3 $4 GH-5 :smile: | a | b | `code` ``` **bold** _em_ ~~no~~ $$x$$ "
         "&lt;i&gt; ]]> --> <!-- */ </style></script></pre></code></details></table> ::error::x %0A ##[error]y {0} "
         "{{x}} "
         "\n# heading\n/close\n- item\n1. one\n```\nnot ok 1\n::error file=x::y\n\r\n\t\xe2\x80\xae"
         "RTL\xe2\x80\xac "
         "\xe2\x80\x8b\xef\xbb\xbf\xf3\xa0\x81\xa1 \x1b[31m\x1b]0;owned\x07 \x7f \xc2\x9b"
         "1m \xef\xbf\xbf \xff\xfe"s +
         "\0"s;
}

/// A report with such words in every field, those included that only doctor itself writes.
inline doctor::diagnosis::Report hostile_report(const std::string& address = "http://evil.example") {
  const auto text = hostile_text(address);
  auto report = report_fixture();
  const auto spoil = [&](doctor::diagnosis::Problem& problem) {
    for (auto* field : {&problem.code, &problem.entry, &problem.subject, &problem.title, &problem.symptom,
                        &problem.cause, &problem.verify})
      *field = text;
    problem.evidence = {{text, text, text, text}, {"where", ".env:3" + text, ".env:3", "host"}};
    for (auto& step : problem.fix)
      for (auto* field : {&step.text, &step.command, &step.content, &step.file, &step.where, &step.risk, &step.language,
                          &step.instead})
        *field = text;
  };
  for (auto& problem : report.problems) spoil(problem);
  report.problems[1].severity = text;
  auto put_up_with = report.problems[1];
  put_up_with.ignored = true;
  put_up_with.fingerprint = text;
  put_up_with.ignored_by = doctor::diagnosis::Ignore{text, text, text, text, text, text};
  report.problems.push_back(put_up_with);
  report.version = report.started = report.system = report.system_note = report.directory = text;
  report.sources = {text, text};
  report.ruled_out = {{text, text}};
  report.unexamined = {{text, text, text}};
  report.skipped = {{text, text, text}};
  report.checks.push_back({text, text, text, 3, text});
  report.timeline = {{1767225600, text, text, text, text, true, false},
                     {1767225000, text, text, text, text, false, true}};
  report.recording = doctor::diagnosis::Recording{text, text, text};
  report.baseline = doctor::diagnosis::BaselineResult{text, text, {{text, text, text, text}}};
  const doctor::diagnosis::Change change{text, text, text, 1500, 2};
  report.waiting = doctor::diagnosis::Waiting{4000, 3, false, {change}, {change}, {change}, {change}};
  const doctor::diagnosis::WhatIf::Item item{text, "warning", text, text, text, true, text};
  report.what_if = doctor::diagnosis::WhatIf{{{text, true, true, text, text}, {text, false, false, text, text}},
                                             {item},
                                             {item},
                                             {item},
                                             {item},
                                             {item},
                                             {{text, text, text}}};
  report.timings = doctor::diagnosis::Timings{{{text, 3}}, {{text, 2, 30, 20, text}}};
  return report;
}

/// Nothing found, everything looked at.
inline doctor::diagnosis::Report healthy_report() {
  auto report = report_fixture();
  report.problems.clear();
  report.unexamined.clear();
  report.checks = {{"env", "passed", "", 3, "Every setting is well."}, {"disk", "passed", "", 2, "There is room."}};
  return report;
}

/// The fixture without the error and what follows from it, and without what was not looked at.
inline doctor::diagnosis::Report warning_report() {
  auto report = report_fixture();
  report.problems = {report.problems.at(1)};
  report.unexamined.clear();
  report.checks.erase(report.checks.begin() + 1);
  return report;
}

inline doctor::diagnosis::Report unexamined_report() {
  auto report = report_fixture();
  report.problems.clear();
  report.checks[0].status = "passed";
  return report;
}

inline doctor::diagnosis::Report interrupted_report() {
  auto report = unexamined_report();
  report.complete = false;
  report.interrupted_by = 15;
  return report;
}
