#pragma once

#include "diagnosis/report.hpp"

/// A report with one root, one consequence, one warning, and something of everything else.
inline doctor::diagnosis::Report report_fixture() {
  using namespace std::string_literals;
  doctor::diagnosis::Problem root;
  root.code = "database-auth-failed";
  root.entry = "chatalot-database-auth-failed";
  root.severity = "error";
  root.check = "database";
  root.subject = "endpoint:postgres:5432";
  root.fingerprint = "00000000000000aa";
  root.title = "PostgreSQL refuses the password from DB_PASSWORD";
  root.symptom = "The server's log says `password authentication failed`.";
  root.cause = "The password in .env is not the one that the volume was made with.";
  root.evidence = {{"user", "chatalot", "127.0.0.1:5432", "host"}, {"sqlstate", "28P01", "127.0.0.1:5432", "host"}};
  doctor::diagnosis::FixStep command;
  command.kind = "command";
  command.text = "Give the role the password that .env has now:";
  command.command = "docker exec -it chatalot-db psql -U chatalot -c '\\password'";
  command.where = "host";
  command.risk = "disruptive";
  doctor::diagnosis::FixStep edit;
  edit.kind = "edit";
  edit.text = "Or change the setting:";
  edit.content = "DATABASE_URL=postgres://...";
  edit.file = ".env";
  edit.effective = false;
  edit.instead = "Editing DATABASE_URL in .env has no effect: docker-compose.yml:14 sets it.";
  root.fix = {command, edit};
  root.verify = "doctor check --only database";

  doctor::diagnosis::Problem consequence;
  consequence.code = "health-body-unexpected";
  consequence.entry = "chatalot-health-degraded";
  consequence.severity = "error";
  consequence.check = "health";
  consequence.subject = "endpoint:chatalot:8080";
  consequence.fingerprint = "00000000000000bb";
  consequence.title = "The server has lost its database";
  consequence.root = false;
  consequence.caused_by = {root.fingerprint};

  doctor::diagnosis::Problem warning;
  warning.code = "env-value-noisy";
  warning.entry = "chatalot-log-level-debug";
  warning.severity = "warning";
  warning.check = "env";
  warning.subject = "setting:chatalot/RUST_LOG";
  warning.fingerprint = "00000000000000cc";
  warning.title = "Debug logging is left switched on";
  warning.verify = "doctor check --only env";

  doctor::diagnosis::Report report;
  report.version = "0.1.0";
  report.started = "2026-01-01T00:00:00Z";
  report.took_ms = 412;
  report.system = "chatalot";
  report.directory = "/srv/chatalot";
  report.sources = {"docker-compose.yml", ".env", "3 containers"};
  report.problems = {root, warning, consequence};
  report.ruled_out = {{"disk:docker", "41 % used"}};
  report.unexamined = {{"file:secrets/jwt_private.pem", "jwt", "permission denied"}};
  report.checks = {{"env", "failed", "", 3, "Every setting is well."},
                   {"jwt", "unexamined", "permission denied", 1, "The keys are well."},
                   {"disk", "passed", "", 2, "There is room."},
                   {"ports", "skipped", "nothing listens", 0, "The ports are ours."}};
  return report;
}
