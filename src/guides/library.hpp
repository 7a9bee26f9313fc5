#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/system.hpp"
#include "guides/entry.hpp"

namespace doctor::guides {

/// The compiled-in (and, later, the user's) guide entries and system descriptions. Constructing one parses nothing: an
/// entry is decoded when it is asked for. Thread-safe for reading.
class Library {
 public:
  /// `blob` must outlive the library; throws std::runtime_error when it is not one of ours.
  explicit Library(std::string_view blob);
  ~Library();

  std::optional<Entry> entry(std::string_view code) const;
  std::vector<std::string> codes() const;    ///< sorted; system "" first
  std::vector<std::string> systems() const;  ///< sorted
  std::optional<SystemDescription> description(std::string_view system) const;

  /// The entry that explains a finding best: the system's entry whose `where` matches with most keys, else the entry of
  /// the code itself. Throws std::logic_error for a code that no page has.
  Entry explain(std::string_view system, std::string_view code,
                const std::map<std::string, std::string>& evidence) const;

 private:
  struct Index;
  std::unique_ptr<Index> index_;
};

/// The blob that was compiled into this binary.
std::string_view embedded();

}  // namespace doctor::guides
