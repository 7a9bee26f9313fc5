#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "doctor/deadline.hpp"
#include "doctor/outcome.hpp"

/// What a bundle may hold, before anything of it is read.
namespace doctor::bundle {

/// Takes bytes in order. False: no more are wanted.
using Take = std::function<bool(std::string_view bytes)>;

/// What became of the reading of an item.
struct Collected {
  bool complete = true;  ///< false: there was more than was asked for, or could be read; `note` says which
  std::string note;      ///< one line, safe to print; empty when there is nothing to say
  /// Values that the item itself has replaced before it handed its bytes over, by their names.
  std::map<std::string, std::uint64_t> redacted{};
};

/// One file of a bundle. Its bytes are those of the deployment, not redacted: who writes them into a bundle does that.
struct Item {
  std::string section;         ///< the folder: "config", "containers", "logs", "host", "support", "answers"; the word
                               ///< for --include and --exclude
  std::string name;            ///< path below the section, of letters, digits and ._-/ only: "chatalot.log"
  std::string source;          ///< where the bytes come from, as shown: "container chatalot-server", "/srv/app/.env"
  std::uint64_t estimate = 0;  ///< bytes, about; 0: not known before it is read
  bool newest_last = false;    ///< a log: when there is not room for all of it, its end is kept
  bool binary = false;         ///< goes into the bundle byte by byte, unless a secret is found in it
  /// Hands over at most `most` bytes: of a log the newest ones, from the beginning of a line. A failure is a reason
  /// that the bundle's manifest states.
  std::function<Outcome<Collected>(const Take& take, std::uint64_t most, const Deadline& deadline)> read;

  std::string path() const { return section + "/" + name; }
};

}  // namespace doctor::bundle
