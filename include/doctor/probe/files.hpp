#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/probe/question.hpp"

namespace doctor {

// All of these run in the helper process, so that a hung mount costs a deadline (3 s) and not the run.
// Paths are absolute paths on the host. Times are seconds since 1970 (UTC).

/// What stands at a path. Links are followed; `kind` "missing" is a value, not a failure.
struct FileAnswer {
  std::string kind;        ///< "file", "directory", "fifo", "device", "socket", "missing"
  std::uint32_t mode = 0;  ///< permission bits only, 0600
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint64_t size = 0;
  std::int64_t modified = 0;
};
struct FileQuestion {
  static constexpr std::string_view probe = "file";
  using Answer = FileAnswer;
  std::string path;
};

/// The text of a file that holds no secret, up to `most` bytes (more: too_large). Regular files only.
struct TextAnswer {
  std::string text;
};
struct TextQuestion {
  static constexpr std::string_view probe = "text";
  using Answer = TextAnswer;
  std::string path;
  std::uint64_t most = 4 * 1024 * 1024;
};

/// The regular files directly in a directory, sorted by name, at most 10,000. With `digest` "sha384" each carries the
/// hexadecimal digest of its bytes (files up to 4 MB).
struct DirectoryEntry {
  std::string name;
  std::uint64_t size = 0;
  std::int64_t modified = 0;
  std::string digest;
  bool crlf = false;  ///< only with a digest: the file holds a carriage return
};
struct DirectoryAnswer {
  std::vector<DirectoryEntry> entries;
};
struct DirectoryQuestion {
  static constexpr std::string_view probe = "directory";
  using Answer = DirectoryAnswer;
  std::string path;
  std::string digest;
};

/// Whether a user could read or write a path, judged from owners, modes and the mount's flags along the path, without
/// trying. The judgement knows nothing of ACLs or security modules.
struct AccessAnswer {
  bool allowed = false;
  std::string reason;      ///< "mode", "read-only mount", "missing"; empty when allowed
  std::string blocked_at;  ///< the component of the path that stops it
  std::uint32_t mode = 0;  ///< of that component
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
};
struct AccessQuestion {
  static constexpr std::string_view probe = "access";
  using Answer = AccessAnswer;
  std::string path;
  std::string want;  ///< "read", "write" (a directory: create files in it), "create" (as write; when the path is
                     ///< missing, of its nearest existing parent)
  std::uint32_t uid = 0;
  std::vector<std::uint32_t> gids;
};

/// The file system that holds a path.
struct FileSystemAnswer {
  std::string mount_point;
  std::string type;             ///< "ext4", "tmpfs"
  std::uint64_t total = 0;      ///< bytes that such a user may use at all: those in use, and the available ones (df(1))
  std::uint64_t available = 0;  ///< bytes that a user who is not root may still use
  std::uint64_t inodes = 0;     ///< 0: the file system does not count them
  std::uint64_t inodes_free = 0;
  bool read_only = false;
};
struct FileSystemQuestion {
  static constexpr std::string_view probe = "file-system";
  using Answer = FileSystemAnswer;
  std::string path;
};

/// The largest entries directly below a path, each with all that is in it, on one file system; largest first, ten at
/// most. Stops after 2 s or 200,000 files and says so.
struct UsageEntry {
  std::string name;
  std::uint64_t bytes = 0;
};
struct UsageAnswer {
  std::vector<UsageEntry> largest;
  bool complete = true;
};
struct UsageQuestion {
  static constexpr std::string_view probe = "usage";
  using Answer = UsageAnswer;
  std::string path;
};

/// What kind of key a file holds. The bytes never leave the probe. A file that is not a usable key is a value with
/// `problem`.
struct KeyAnswer {
  std::string kind;       ///< "private", "public", "certificate", "" (not a usable key)
  std::string label;      ///< the PEM label, "PRIVATE KEY"; empty when there is none
  std::string algorithm;  ///< "Ed25519", "RSA", "EC"
  int bits = 0;
  std::string fingerprint;  ///< SHA-256 of the public key's SubjectPublicKeyInfo, hexadecimal
  std::string problem;      ///< "empty", "no PEM block", "literal \\n instead of line breaks", ...; empty: none
  int line = 0;             ///< where the problem is; 0: the whole file
};
struct KeyQuestion {
  static constexpr std::string_view probe = "key";
  using Answer = KeyAnswer;
  std::string path;
};

template <class Field>
constexpr void each_field(Field&& field, FileAnswer& answer) {
  field("kind", answer.kind);
  field("mode", answer.mode);
  field("uid", answer.uid);
  field("gid", answer.gid);
  field("size", answer.size);
  field("modified", answer.modified);
}
template <class Field>
constexpr void each_field(Field&& field, FileQuestion& question) {
  field("path", question.path);
}
template <class Field>
constexpr void each_field(Field&& field, TextAnswer& answer) {
  field("text", answer.text);
}
template <class Field>
constexpr void each_field(Field&& field, TextQuestion& question) {
  field("path", question.path);
  field("most", question.most);
}
template <class Field>
constexpr void each_field(Field&& field, DirectoryEntry& entry) {
  field("name", entry.name);
  field("size", entry.size);
  field("modified", entry.modified);
  field("digest", entry.digest);
  field("crlf", entry.crlf);
}
template <class Field>
constexpr void each_field(Field&& field, DirectoryAnswer& answer) {
  field("entries", answer.entries);
}
template <class Field>
constexpr void each_field(Field&& field, DirectoryQuestion& question) {
  field("path", question.path);
  field("digest", question.digest);
}
template <class Field>
constexpr void each_field(Field&& field, AccessAnswer& answer) {
  field("allowed", answer.allowed);
  field("reason", answer.reason);
  field("blocked_at", answer.blocked_at);
  field("mode", answer.mode);
  field("uid", answer.uid);
  field("gid", answer.gid);
}
template <class Field>
constexpr void each_field(Field&& field, AccessQuestion& question) {
  field("path", question.path);
  field("want", question.want);
  field("uid", question.uid);
  field("gids", question.gids);
}
template <class Field>
constexpr void each_field(Field&& field, FileSystemAnswer& answer) {
  field("mount_point", answer.mount_point);
  field("type", answer.type);
  field("total", answer.total);
  field("available", answer.available);
  field("inodes", answer.inodes);
  field("inodes_free", answer.inodes_free);
  field("read_only", answer.read_only);
}
template <class Field>
constexpr void each_field(Field&& field, FileSystemQuestion& question) {
  field("path", question.path);
}
template <class Field>
constexpr void each_field(Field&& field, UsageEntry& entry) {
  field("name", entry.name);
  field("bytes", entry.bytes);
}
template <class Field>
constexpr void each_field(Field&& field, UsageAnswer& answer) {
  field("largest", answer.largest);
  field("complete", answer.complete);
}
template <class Field>
constexpr void each_field(Field&& field, UsageQuestion& question) {
  field("path", question.path);
}
template <class Field>
constexpr void each_field(Field&& field, KeyAnswer& answer) {
  field("kind", answer.kind);
  field("label", answer.label);
  field("algorithm", answer.algorithm);
  field("bits", answer.bits);
  field("fingerprint", answer.fingerprint);
  field("problem", answer.problem);
  field("line", answer.line);
}
template <class Field>
constexpr void each_field(Field&& field, KeyQuestion& question) {
  field("path", question.path);
}

}  // namespace doctor
