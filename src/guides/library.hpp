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

/// Guide entries and system descriptions of several sources: what is compiled in, and what the user adds. Each source
/// is a blob. Constructing a library parses nothing: an entry is decoded when it is asked for. Thread-safe for reading.
class Library {
 public:
  /// `blob` must outlive the library; throws std::runtime_error when it is not one of ours.
  explicit Library(std::string_view blob);
  Library(Library&&) noexcept;
  Library& operator=(Library&&) noexcept;
  ~Library();

  /// One more source, which the library keeps. Throws std::invalid_argument when a code or a system is there already.
  void add(std::string blob);

  std::optional<Entry> entry(std::string_view code) const;
  std::vector<std::string> codes() const;    ///< sorted; system "" first
  std::vector<std::string> systems() const;  ///< sorted
  std::optional<SystemDescription> description(std::string_view system) const;
  std::vector<Entry> entries_of(std::string_view system) const;

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
