#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace doctor::guides {

/// One step of a fix: prose, a command to paste, or an edit of a file.
struct Step {
  std::string kind;      ///< "text", "command", "edit"
  std::string text;      ///< the prose, the command lines or the lines of the edit; with placeholders
  std::string language;  ///< info string's first word: "sh", "env", "yaml", "sql", ...
  std::string file;      ///< of an edit: "{env_file}"
  std::string where;     ///< "host", "container", "postgres", "client"; default host
  std::string risk;      ///< "safe", "disruptive", "data-loss"; default safe; empty for text
  std::string when{};    ///< "compose", "process", "kubernetes": offered only to such a deployment; empty: always
};

/// When an entry is the better explanation of a generic code.
struct Explains {
  std::string code;
  std::map<std::string, std::vector<std::string>> where;  ///< evidence key -> any of these values
};

/// A log line that raises the entry.
struct Signature {
  std::string match;  ///< RE2
  std::string service;
  std::string after;   ///< milestone
  std::string before;  ///< milestone
  std::string level;
  bool outlives = false;  ///< the line ends the program, so it counts when it ended the run before this one, too
};

/// A section of a guide: everything that is known about one code.
struct Entry {
  std::string code;
  std::string guide;   ///< page without ".md": "redis", "chatalot"
  std::string system;  ///< "" for a generic entry
  std::string title;
  std::string severity;               ///< "error", "warning", "info"
  std::vector<std::string> evidence;  ///< keys of a generic code
  std::vector<Explains> explains;
  std::optional<std::vector<std::string>> leads_to;  ///< absent: the default rule
  bool effect = false;                               ///< it may follow from the findings of any check, later ones too
  std::vector<Signature> log;
  std::string reason;   ///< why a machine cannot detect it; may be empty
  std::string symptom;  ///< Markdown
  std::string cause;
  std::vector<Step> fix;
  std::string verify;     ///< command lines; what to look for stands before them as shell comments
  std::string detection;  ///< from the ledger: "database", "log", ""; filled in by the library
  std::string origin{};   ///< of a user's entry: the folder of its page, as named; "" for one that is built in
};

template <class Field>
constexpr void each_field(Field&& field, Step& step) {
  field("kind", step.kind);
  field("text", step.text);
  field("language", step.language);
  field("file", step.file);
  field("where", step.where);
  field("risk", step.risk);
  field("when", step.when);
}

template <class Field>
constexpr void each_field(Field&& field, Explains& explains) {
  field("code", explains.code);
  field("where", explains.where);
}

template <class Field>
constexpr void each_field(Field&& field, Signature& signature) {
  field("match", signature.match);
  field("service", signature.service);
  field("after", signature.after);
  field("before", signature.before);
  field("level", signature.level);
  field("outlives", signature.outlives);
}

template <class Field>
constexpr void each_field(Field&& field, Entry& entry) {
  field("code", entry.code);
  field("guide", entry.guide);
  field("system", entry.system);
  field("title", entry.title);
  field("severity", entry.severity);
  field("evidence", entry.evidence);
  field("explains", entry.explains);
  field("leads_to", entry.leads_to);
  field("effect", entry.effect);
  field("log", entry.log);
  field("reason", entry.reason);
  field("symptom", entry.symptom);
  field("cause", entry.cause);
  field("fix", entry.fix);
  field("verify", entry.verify);
  field("detection", entry.detection);
  field("origin", entry.origin);
}

}  // namespace doctor::guides
