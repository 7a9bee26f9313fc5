#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/probe/question.hpp"

namespace doctor {

/// A signature of a guide that lines of a log have matched.
struct LogHit {
  std::string entry;  ///< guide entry; empty: lines that call themselves errors and that no signature explains
  std::string line;   ///< the newest matching line, without colours, 400 characters at most
  std::uint64_t count = 0;
  std::int64_t first = 0;  ///< seconds since 1970; 0: the lines carry no time
  std::int64_t last = 0;
  std::map<std::string, std::string> groups;  ///< named groups of the newest match
  bool previous = false;  ///< not of this run: it stands at the end of the run before, see Signature::outlives
};

/// A step of the start-up that the log proves.
struct LogMilestone {
  std::string id;
  std::int64_t at = 0;
};

/// What the log of one service says about its last run: milestones, signatures, the last lines. The log is read as a
/// stream, at most the newest 64 MB; 64 KB of a line.
struct LogsAnswer {
  std::string source;        ///< "container chatalot-server", "/var/log/chatalot.log"
  std::uint64_t lines = 0;   ///< of the last run
  std::uint64_t errors = 0;  ///< lines that say of themselves that they are errors, whatever signature they match
  std::int64_t since = 0;    ///< start of the run, or of what was read of it when it is past the bound
  bool complete = true;      ///< false: the beginning of the run is not there any more, as after a rotation
  std::string last_error;    ///< the newest line that calls itself an error or ends the program
  std::vector<LogMilestone> milestones;  ///< in the order in which they were reached
  std::vector<LogHit> hits;              ///< in order of their first line
  std::vector<std::string> tail;         ///< the last five lines
};
struct LogsQuestion {
  static constexpr std::string_view probe = "logs";
  using Answer = LogsAnswer;
  std::string service;
};

template <class Field>
constexpr void each_field(Field&& field, LogHit& hit) {
  field("entry", hit.entry);
  field("line", hit.line);
  field("count", hit.count);
  field("first", hit.first);
  field("last", hit.last);
  field("groups", hit.groups);
  field("previous", hit.previous);
}
template <class Field>
constexpr void each_field(Field&& field, LogMilestone& milestone) {
  field("id", milestone.id);
  field("at", milestone.at);
}
template <class Field>
constexpr void each_field(Field&& field, LogsAnswer& answer) {
  field("source", answer.source);
  field("lines", answer.lines);
  field("errors", answer.errors);
  field("since", answer.since);
  field("complete", answer.complete);
  field("last_error", answer.last_error);
  field("milestones", answer.milestones);
  field("hits", answer.hits);
  field("tail", answer.tail);
}
template <class Field>
constexpr void each_field(Field&& field, LogsQuestion& question) {
  field("service", question.service);
}

}  // namespace doctor
