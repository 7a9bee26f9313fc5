#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

/// manifest.json, the first file of every bundle: what it holds, where that came from, and what could not be had.
namespace doctor::bundle {

inline constexpr std::string_view manifest_name = "manifest.json";
inline constexpr std::string_view manifest_schema = "doctor-bundle/v1";

struct MemberInfo {
  std::string path;    ///< in the archive
  std::string source;  ///< where its bytes came from; "doctor" for what doctor made itself
  std::uint64_t size = 0;
  std::string sha256;                             ///< of the bytes in the archive, hexadecimal
  bool complete = true;                           ///< false: `note` says what is missing
  std::string note;                               ///< may be empty
  std::map<std::string, std::uint64_t> redacted;  ///< name of a secret or pattern -> how often it was replaced
};

struct Missing {
  std::string path;  ///< that it would have had
  std::string source;
  std::string reason;
};

struct Manifest {
  std::string schema{manifest_schema};
  std::string version;                         ///< of the doctor that made it
  std::string created;                         ///< RFC 3339, UTC; of SOURCE_DATE_EPOCH when that is set
  std::string label;                           ///< --label; may be empty
  std::map<std::string, std::string> options;  ///< that the run was given, without secrets
  std::vector<MemberInfo> members;             ///< sorted by path; all but the manifest itself
  std::vector<Missing> missing;                ///< what could not be collected, and why
};

template <class Field>
constexpr void each_field(Field&& field, MemberInfo& member) {
  field("path", member.path);
  field("source", member.source);
  field("size", member.size);
  field("sha256", member.sha256);
  field("complete", member.complete);
  field("note", member.note);
  field("redacted", member.redacted);
}

template <class Field>
constexpr void each_field(Field&& field, Missing& missing) {
  field("path", missing.path);
  field("source", missing.source);
  field("reason", missing.reason);
}

template <class Field>
constexpr void each_field(Field&& field, Manifest& manifest) {
  field("schema", manifest.schema);
  field("version", manifest.version);
  field("created", manifest.created);
  field("label", manifest.label);
  field("options", manifest.options);
  field("members", manifest.members);
  field("missing", manifest.missing);
}

std::string to_json(const Manifest& manifest);
/// The error names what is wrong and never quotes the input.
tl::expected<Manifest, std::string> manifest_from_json(std::string_view text);

}  // namespace doctor::bundle
