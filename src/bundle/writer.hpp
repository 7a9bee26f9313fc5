#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "bundle/hidden_hosts.hpp"
#include "bundle/item.hpp"
#include "bundle/manifest.hpp"
#include "redact/redactor.hpp"

namespace doctor::bundle {

enum class Compression { gzip, zstd };

/// How the bytes of a member are made safe.
enum class Filter {
  text,      ///< the whole redactor, known secrets and patterns, as a stream
  document,  ///< JSON, Markdown, HTML of doctor's own whose parts went through the redactor: known secrets once more
  none       ///< byte by byte; the scan of the finished archive decides
};

struct WriterOptions {
  Compression compression = Compression::gzip;
  std::int64_t time = 0;                          ///< of every member, seconds since 1970
  std::uint64_t most_bytes = 64UL * 1000 * 1000;  ///< of all members together, unpacked, about
  std::stop_token stop{};                         ///< ends the writing with an error
  const HiddenHosts* hosts = nullptr;             ///< hides the hosts in items and in what is missing; outlives it
};

/// Writes one bundle: tar, deterministic (members sorted by path behind the manifest, owner 0, mode 0600, one time), to
/// a file without a name in the directory of `path`. Members are redacted as they come and held in files without names
/// too, so that memory stays small. Nothing is left behind unless commit() succeeds. Not thread-safe.
class Writer {
 public:
  /// `redactor` must outlive it. The error says which path and why.
  static tl::expected<Writer, std::string> open(const std::string& path, const WriterOptions& options,
                                                const redact::Redactor& redactor);
  Writer(Writer&&) noexcept;
  Writer& operator=(Writer&&) noexcept;
  ~Writer();

  /// Bytes that may still come.
  std::uint64_t room() const;

  /// Reads an item to its end, at most `most` bytes of it. A failed read becomes an entry of Manifest::missing; the
  /// error is one of writing, after which the writer is of no use.
  tl::expected<void, std::string> add(const Item& item, std::uint64_t most, const Deadline& deadline);
  /// A file of doctor's own; hosts in it are hidden already.
  tl::expected<void, std::string> add(const std::string& path, std::string_view text, Filter filter);
  /// `is_hidden`: its hosts are hidden already.
  void miss(const Missing& missing, bool is_hidden = false);

  /// Writes manifest and members into the archive, which still has no name. `manifest.members` and `missing` are filled
  /// in.
  tl::expected<Manifest, std::string> finish(Manifest manifest);

  /// Opens the finished archive again and looks for every known secret in every form, for private keys, and for what
  /// HiddenHosts forbids, in the bytes and names of all members. The paths of those that hold one; empty: clean.
  tl::expected<std::vector<std::string>, std::string> leaks() const;

  /// fsync, then the name appears: the old file or the whole new one is there, mode 0600, whatever happens.
  tl::expected<void, std::string> commit();

 private:
  struct Parts;
  explicit Writer(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace doctor::bundle
