#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "doctor/finding.hpp"
#include "guides/entry.hpp"

namespace doctor::diagnosis {

/// A step of a fix with its placeholders filled in, tested against this deployment.
struct FixStep {
  std::string kind;     ///< "command", "edit"; "note" when there is nothing to run or to edit
  std::string text;     ///< the prose that leads to it, Markdown; may be empty
  std::string command;  ///< lines to paste
  std::string content;  ///< lines of an edit
  std::string file;     ///< that the edit is made in
  std::string where;    ///< "host", "container", "postgres", "client"
  std::string risk;     ///< "safe", "disruptive", "data-loss"
  std::string language;
  bool effective = true;  ///< false: this edit would not reach the process
  std::string instead;    ///< why not, and what to edit
};

/// A finding joined with its guide entry and its place among the others.
struct Problem {
  std::string code;
  std::string entry;
  std::string severity;  ///< "error", "warning", "info"; of a root the highest that follows from it
  std::string check;
  std::string subject;
  std::string fingerprint;  ///< of entry and subject; stable across runs and hosts
  std::string title;
  bool root = true;
  std::vector<std::string> caused_by;  ///< fingerprints
  bool ignored = false;
  std::string symptom;
  std::string cause;
  std::vector<FixStep> fix;
  std::string verify;
  std::vector<Evidence> evidence;
};

struct RuledOut {
  std::string subject;
  std::string evidence;
};

struct Unexamined {
  std::string subject;
  std::string check;
  std::string reason;
};

struct CheckSummary {
  std::string id;
  std::string status;
  std::string reason;
  std::int64_t took_ms = 0;
  std::string healthy;
};

/// Something that happened to the deployment or its host, and how that is known.
struct Event {
  std::int64_t at = 0;       ///< seconds since 1970 (UTC)
  std::string kind;          ///< "container-started", "container-exited", "oom-kill", "edited", "boot", ...
  std::string subject;       ///< a subject of the deployment, or host:ASPECT
  std::string text;          ///< one line, safe to print: "container chatalot-server ended with exit code 137"
  std::string source;        ///< "Docker Engine", "kernel log", "file time", "_sqlx_migrations"
  bool failure = false;      ///< a fault shows in it
  bool just_before = false;  ///< it happened shortly before the first failure
};

/// The bundle that the answers came from.
struct Recording {
  std::string file;     ///< as the user named it
  std::string version;  ///< of the doctor that made it
  std::string label;
};

/// The whole result of a run: what renderers print and the exit code is computed from.
struct Report {
  std::string version;
  std::string started;  ///< RFC 3339, UTC
  std::int64_t took_ms = 0;
  bool complete = true;
  int interrupted_by = 0;  ///< signal number, 0: none
  std::string system;
  std::string system_note;
  std::string directory;
  std::vector<std::string> sources;
  std::vector<Problem> problems;  ///< roots first, by severity, then list order
  std::vector<RuledOut> ruled_out;
  std::vector<Unexamined> unexamined;
  std::vector<Unexamined> skipped;
  std::vector<CheckSummary> checks;
  std::vector<Event> timeline;         ///< in order of time
  std::optional<Recording> recording;  ///< nothing: the deployment itself was examined
};

/// What `summary` of the JSON contract counts.
struct Counts {
  int error = 0;  ///< roots only, as warning and info
  int warning = 0;
  int info = 0;
  int consequences = 0;
  int passed = 0;
  int skipped = 0;
  int unexamined = 0;
};

Counts count(const Report& report);

/// The exit code, the same for every format (contract). `fail_on` is error, warning, info or never.
int exit_code(const Report& report, const std::string& fail_on, bool allow_incomplete);

}  // namespace doctor::diagnosis
