#pragma once

#include "tests/render/report_fixture.hpp"

/// What docs/formats.md shows in every format: one root with its consequence, and a file that could not be read.
inline doctor::diagnosis::Report example_report() {
  auto report = report_fixture();
  auto root = report.problems.at(0);
  auto consequence = report.problems.at(2);
  root.subject = "setting:chatalot/DATABASE_URL";
  root.fingerprint = "21ee3a3995110396";
  consequence.fingerprint = "b1c6f2ad01e77f43";
  consequence.caused_by = {root.fingerprint};
  root.evidence = {{"sqlstate", "28P01", "127.0.0.1:5432", "host"}, {"setting", "DB_PASSWORD", ".env:3", ""}};
  root.fix.pop_back();
  report.problems = {root, consequence};
  report.checks = {{"env", "passed", "", 3, "Every required setting is set, and no value is damaged."},
                   {"jwt", "unexamined", "permission denied", 1, "The signing keys can be used by the application."},
                   {"database", "failed", "", 58, "The database answers and accepts the application's login."},
                   {"health", "failed", "", 72, "The application answers as it should."}};
  return report;
}
