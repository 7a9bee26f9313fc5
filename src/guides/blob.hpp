#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/system.hpp"
#include "guides/entry.hpp"

/// The blob: guides and descriptions as they are compiled into the binary. All numbers are 32 bits, little endian;
/// offsets count from the blob's first byte.
///
///   header    magic[8], version, count of codes, of systems, of explains
///   codes     sorted by name: {name, system, record}            three spans {offset, length}
///   systems   sorted by name: {name, record}
///   explains  sorted by (system, code): {system, code, entry}    entry: index into codes; one row per candidate
///   texts and records; a record is CBOR (RFC 8949)
namespace doctor::guides {

/// Throws std::invalid_argument when a code or a system is there twice, std::length_error past 4 GB.
std::string write_blob(std::vector<Entry> entries, std::vector<SystemDescription> systems);

/// Read access to a blob, which must outlive it. Constructing one checks the header and the size of the tables only.
/// Every function throws std::runtime_error when the blob is damaged.
class Blob {
 public:
  explicit Blob(std::string_view bytes);

  std::size_t codes() const { return codes_; }
  std::size_t systems() const { return systems_; }

  std::string_view code(std::size_t index) const;
  std::string_view system_of(std::size_t index) const;  ///< of a code
  Entry entry(std::size_t index) const;

  std::string_view system(std::size_t index) const;
  SystemDescription description(std::size_t index) const;

  /// The index of a code or a system; codes() or systems() when it is not there.
  std::size_t find_code(std::string_view name) const;
  std::size_t find_system(std::string_view name) const;

  /// Indexes of the entries of `system` that explain `code` under some condition.
  std::vector<std::size_t> candidates(std::string_view system, std::string_view code) const;

 private:
  std::uint32_t number(std::size_t offset) const;
  std::string_view span(std::size_t offset) const;  ///< what the span at `offset` points to
  std::size_t code_row(std::size_t index) const;
  std::size_t system_row(std::size_t index) const;
  std::size_t explains_row(std::size_t index) const;

  std::string_view bytes_;
  std::size_t codes_ = 0;
  std::size_t systems_ = 0;
  std::size_t explains_ = 0;
};

}  // namespace doctor::guides
