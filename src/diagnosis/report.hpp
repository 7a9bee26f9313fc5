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

/// A finding that the user puts up with, until a day.
struct Ignore {
  std::string code;     ///< of a finding, or of the entry that explains it
  std::string subject;  ///< glob of `*` and `?`; empty: any
  std::string reason;   ///< empty: of a flag, which needs none
  std::string expires;  ///< the last day, "2026-12-31" (UTC); empty: of a flag, which ends with the run
  std::string source;   ///< "doctor.ignore.yaml:3", "--ignore"
  std::string file{};   ///< that it stands in, "doctor.ignore.yaml"; empty: a flag
};

/// A finding joined with its guide entry and its place among the others.
struct Problem {
  std::string code;
  std::string entry;
  std::string severity;        ///< "error", "warning", "info"; of a root the highest that follows from it
  std::string severity_alone;  ///< by itself, whatever follows from it
  std::string check;
  std::string subject;
  std::string fingerprint;  ///< of entry and subject; stable across runs and hosts
  std::string title;
  bool root = true;
  std::vector<std::string> caused_by;  ///< fingerprints
  bool ignored = false;                ///< it does not count: it is put up with, or follows from nothing else
  std::optional<Ignore> ignored_by;    ///< what fits it; it may have no effect, see ignore.hpp
  bool known = false;                  ///< it stands in the baseline, no less severe, and does not count
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

/// A finding of the baseline that is gone, where somebody looked.
struct Resolved {
  std::string entry;
  std::string subject;
  std::string fingerprint;
  std::string title;
};

/// The earlier report that this one is compared with.
struct BaselineResult {
  std::string file;     ///< as the user named it
  std::string started;  ///< when that run was, RFC 3339
  std::vector<Resolved> resolved;
};

/// What happened to a finding while doctor waited.
struct Change {
  std::string entry;
  std::string subject;
  std::string title;
  std::int64_t after_ms = 0;  ///< since the first run began; of a flapping one, when it failed again last
  int times = 1;              ///< how often it went away, or came back
};

/// The runs until nothing was left to wait for, of which the report is the last.
struct Waiting {
  std::int64_t waited_ms = 0;
  int attempts = 1;
  bool reached = false;                   ///< false: the limit came first, or the user
  std::vector<Change> became_healthy;     ///< in order of time
  std::vector<Change> flapping;           ///< was gone, and came back
  std::vector<Change> starting;           ///< was there in every run that looked
  std::vector<Change> became_examined{};  ///< could not be examined at first; the title is why, the entry the check
};

/// What other settings would do to a recorded deployment.
struct WhatIf {
  struct Change {
    std::string setting;   ///< subject
    bool by_flag = true;   ///< false: it is built from one that was given another value
    bool is_known = true;  ///< false: its new value is not known
    std::string value;     ///< as shown; empty: not known, or empty
    std::string note;      ///< why editing .env would not do that, or why it changes nothing; may be empty
  };
  struct Item {
    std::string entry;
    std::string severity;
    std::string subject;
    std::string fingerprint;
    std::string title;
    bool root = true;
    std::string reason;  ///< why it cannot be judged; else empty
  };
  std::vector<Change> changes;
  std::vector<Item> resolved;
  std::vector<Item> expected;          ///< to go: it followed from what is resolved
  std::vector<Item> fresh;             ///< was not there before
  std::vector<Item> remaining;         ///< on its own
  std::vector<Item> unknown;           ///< cannot be judged without trying
  std::vector<Unexamined> unexamined;  ///< what only the deployment itself could tell now
};

/// Where the time of a run went.
struct Timings {
  struct Part {
    std::string name;
    std::int64_t took_ms = 0;
  };
  struct ProbeKind {
    std::string probe;
    int asked = 0;             ///< of the world; questions that were asked before do not count
    std::int64_t took_ms = 0;  ///< together; questions are asked side by side
    std::int64_t longest_ms = 0;
    std::string slowest;  ///< what was asked for so long
  };
  std::vector<Part> parts;        ///< one after the other
  std::vector<ProbeKind> probes;  ///< by the time they took
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
  std::optional<BaselineResult> baseline;
  std::optional<Waiting> waiting;
  std::optional<Timings> timings;
  std::optional<WhatIf> what_if;  ///< the findings are those that would remain or be new
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
  int ignored = 0;  ///< roots
  int known = 0;    ///< roots that stand in the baseline
};

Counts count(const Report& report);

/// The exit code, the same for every format (contract). `fail_on` is error, warning, info or never.
int exit_code(const Report& report, const std::string& fail_on, bool allow_incomplete);

}  // namespace doctor::diagnosis
