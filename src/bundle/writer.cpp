#include "bundle/writer.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "bundle/address_scan.hpp"
#include "bundle/marker_count.hpp"
#include "bundle/redaction_json.hpp"
#include "bundle/spool.hpp"
#include "bundle/tar_writer.hpp"
#include "redact/leak_scan.hpp"
#include "redact/stream_filter.hpp"
#include "util/text.hpp"
#include "util/whole_file.hpp"

namespace doctor::bundle {
namespace {

using Failure = tl::unexpected<std::string>;

constexpr std::uint64_t overhead = 1024;  ///< of a member in a tar, about
constexpr std::string_view own = "doctor";
constexpr std::string_view interrupted = "interrupted";
/// The manifest and redaction.json come on top.
constexpr std::size_t most_members = ArchiveLimits{}.most_members - 2;

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

}  // namespace

struct Writer::Parts {
  struct Member {
    MemberInfo info;
    Extent extent;
  };

  Parts(util::WholeFile target, util::Descriptor scratch, const WriterOptions& chosen, const redact::Redactor& with)
      : options{chosen}, redactor{&with}, file{std::move(target)}, spool{std::move(scratch)} {}

  /// The path that a member has in the archive: its name may hold a secret too.
  std::string safe_path(const std::string& path) const { return without_hosts(redactor->redact_known(path)); }

  /// What is said of a member.
  std::string safe_text(const std::string& text) const { return without_hosts(redactor->redact(text)); }

  std::string without_hosts(const std::string& text) const {
    return options.hosts == nullptr ? text : options.hosts->hide(text);
  }

  /// Why `path` cannot be that of another member; "" when it can.
  std::string refusal(const std::string& path) const {
    const auto problem = problem_of_name(path);
    if (!problem.empty()) return problem;
    if (members.count(path) != 0 || path == manifest_name || path == redaction_name) return "is there twice";
    return members.size() < most_members ? "" : "is one file too many";
  }

  void miss(const Missing& lost) {
    missing.push_back({safe_path(lost.path), safe_text(lost.source), safe_text(lost.reason)});
  }

  tl::expected<void, std::string> keep(MemberInfo info, redact::Counts redacted) {
    auto extent = spool.finish();
    if (!extent) return Failure{file.failure(extent.error())};
    used += extent->size + overhead;
    info.size = extent->size;
    info.sha256 = extent->sha256;
    info.redacted = std::move(redacted);
    const auto path = info.path;
    members.emplace(path, Member{std::move(info), std::move(*extent)});
    return {};
  }

  /// Reads at most `room` bytes of an item, which may grow by a quarter when markers are longer than what they replace.
  tl::expected<void, std::string> copy(const Item& item, const std::string& path, std::uint64_t room,
                                       const Deadline& deadline) {
    bool written = true;
    bool cut = false;
    std::uint64_t taken = 0;
    std::uint64_t kept = 0;
    const auto spooled = [&](std::string_view text) {
      kept += text.size();
      cut = cut || kept > room + room / 4;
      written = written && spool.write(cut ? std::string_view{} : text);
      return written && !cut;
    };
    auto hiding = options.hosts == nullptr ? std::nullopt : std::optional<HidingStream>{*options.hosts};
    redact::StreamFilter filter{
        *redactor, [&](std::string_view text) { return hiding ? spooled(hiding->write(text)) : spooled(text); }};
    const auto take = [&](std::string_view bytes) {
      const auto part = bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), room - taken)));
      taken += part.size();
      const bool wanted = item.binary ? spooled(part) : filter.write(part);
      cut = cut || part.size() < bytes.size();
      return wanted && !cut;
    };
    const auto collected = item.read(take, room, deadline);
    if (!item.binary) filter.finish();
    if (hiding) spooled(hiding->finish());
    if (!written) return Failure{file.failure(spool.finish().error())};
    if (collected) return keep_item(item, path, *collected, cut, filter.counts());
    spool.drop();
    miss({item.path(), item.source, collected.error().detail});
    return {};
  }

  tl::expected<void, std::string> keep_item(const Item& item, const std::string& path, const Collected& collected,
                                            bool cut, redact::Counts counts) {
    MemberInfo info;
    info.path = path;
    info.source = safe_text(item.source);
    info.complete = collected.complete && !cut;
    info.note = safe_text(collected.note.empty() && cut ? "cut, for want of room" : collected.note);
    for (const auto& [name, count] : collected.redacted) counts[name] += count;
    return keep(std::move(info), std::move(counts));
  }

  /// Manifest and members in one pass.
  tl::expected<void, std::string> pack(const std::string& manifest, TarWriter& tar) const {
    auto packed = tar.begin(std::string{manifest_name}, manifest.size()).and_then([&] { return tar.write(manifest); });
    for (auto member = members.begin(); packed && member != members.end(); ++member) {
      packed = tar.begin(member->first, member->second.extent.size);
      if (!packed) break;
      const auto read = spool.read(member->second.extent, [&](std::string_view bytes) {
        packed = options.stop.stop_requested() ? Failure{std::string{interrupted}} : tar.write(bytes);
        return packed.has_value();
      });
      if (!read) return read;
    }
    return packed ? tar.finish() : packed;
  }

  /// False: it packs too well.
  tl::expected<bool, std::string> try_to_pack(const std::string& manifest, TarWriter::Effort effort) {
    auto begun = file.restart();
    if (!begun) return Failure{begun.error()};
    TarWriter tar{file, options.compression, effort, options.time};
    const auto packed = pack(manifest, tar);
    if (!packed) return Failure{file.failure(packed.error())};
    return !tar.looks_like_bomb();
  }

  WriterOptions options;
  const redact::Redactor* redactor;
  util::WholeFile file;
  Spool spool;
  std::uint64_t used = 0;
  std::map<std::string, Member> members;
  std::vector<Missing> missing;
};

tl::expected<Writer, std::string> Writer::open(const std::string& path, const WriterOptions& options,
                                               const redact::Redactor& redactor) {
  auto file = util::WholeFile::open(path);
  if (!file) return Failure{file.error()};
  auto spool = util::nameless_file(directory_of(path));
  if (!spool) return Failure{spool.error()};
  return Writer{std::make_unique<Parts>(std::move(*file), std::move(*spool), options, redactor)};
}

Writer::Writer(std::unique_ptr<Parts> parts) : parts_{std::move(parts)} {}
Writer::Writer(Writer&&) noexcept = default;
Writer& Writer::operator=(Writer&&) noexcept = default;
Writer::~Writer() = default;

std::uint64_t Writer::room() const {
  return parts_->options.most_bytes - std::min(parts_->options.most_bytes, parts_->used);
}

tl::expected<void, std::string> Writer::add(const Item& item, std::uint64_t most, const Deadline& deadline) {
  auto& parts = *parts_;
  const auto path = parts.safe_path(item.path());
  const auto refusal = parts.refusal(path);
  const auto room = std::min(most, this->room());
  if (!refusal.empty() || room == 0) {
    miss({item.path(), item.source, refusal.empty() ? "there is no room left for it" : refusal});
    return {};
  }
  return parts.copy(item, path, room, deadline);
}

tl::expected<void, std::string> Writer::add(const std::string& path, std::string_view text, Filter filter) {
  auto& parts = *parts_;
  const auto refusal = parts.refusal(path);
  if (!refusal.empty()) return Failure{parts.file.failure("its member '" + util::shown(path) + "' " + refusal)};
  redact::Counts counts;
  if (filter == Filter::none) {
    parts.spool.write(text);
  } else {
    auto safe = filter == Filter::text ? parts.redactor->redact(text) : parts.redactor->redact_known(text);
    if (parts.options.hosts != nullptr) safe = parts.options.hosts->hide_known(safe);
    counts = markers_in(safe);
    parts.spool.write(safe);
  }
  MemberInfo info;
  info.path = path;
  info.source = own;
  return parts.keep(std::move(info), std::move(counts));
}

void Writer::miss(const Missing& missing, bool is_hidden) {
  if (is_hidden)
    parts_->missing.push_back(missing);
  else
    parts_->miss(missing);
}

tl::expected<Manifest, std::string> Writer::finish(Manifest manifest) {
  auto& parts = *parts_;
  manifest.members.clear();
  for (const auto& [path, member] : parts.members) manifest.members.push_back(member.info);
  parts.spool.write(redaction_json(manifest.members));
  MemberInfo redaction;
  redaction.path = redaction_name;
  redaction.source = own;
  const auto kept = parts.keep(std::move(redaction), {});
  if (!kept) return Failure{kept.error()};
  manifest.members.clear();
  for (const auto& [path, member] : parts.members) manifest.members.push_back(member.info);
  manifest.missing = parts.missing;
  std::sort(manifest.missing.begin(), manifest.missing.end(),
            [](const Missing& a, const Missing& b) { return a.path < b.path; });
  manifest.label = parts.safe_text(manifest.label);  // the texts of a manifest come from outside as well
  for (auto& [name, value] : manifest.options) value = parts.safe_text(value);
  const auto text = to_json(manifest);
  for (const auto effort : {TarWriter::Effort::usual, TarWriter::Effort::least, TarWriter::Effort::none}) {
    const auto packed = parts.try_to_pack(text, effort);
    if (!packed) return Failure{packed.error()};
    if (*packed) return manifest;
    if (parts.options.compression == Compression::zstd) break;
  }
  return Failure{parts.file.failure("it would pack so well that it looks like an archive bomb; zstd cannot do worse")};
}

/// Texts of doctor's own, such as guides in a report, name addresses as examples.
bool is_from_outside(std::string_view path) {
  constexpr std::array<std::string_view, 6> folders{"answers/tape", "config/", "containers/",
                                                    "host/",        "logs/",   "support/"};
  return std::any_of(folders.begin(), folders.end(), [path](std::string_view one) { return path.starts_with(one); });
}

tl::expected<std::vector<std::string>, std::string> Writer::leaks() const {
  const auto* hosts = parts_->options.hosts;
  redact::LeakScan scan{*parts_->redactor, hosts == nullptr ? std::vector<redact::KnownSecret>{} : hosts->forbidden()};
  AddressScan addresses{hosts == nullptr ? std::set<std::string>{} : hosts->forbidden_addresses()};
  std::vector<std::string> found;
  const auto look = [&](const ArchiveMember& member) {
    const bool in_name = !scan.scan(member.path).empty();
    const bool is_told = is_from_outside(member.path);
    const auto read = member.bytes([&](std::string_view bytes) {
      scan.write(bytes);
      if (is_told) addresses.write(bytes);
      return !parts_->options.stop.stop_requested();
    });
    const bool has_address = addresses.finish();
    if (!scan.finish().empty() || in_name || has_address) found.push_back(member.path);
    return read.has_value() && !parts_->options.stop.stop_requested();
  };
  const auto read = read_archive(parts_->file.descriptor(), look);
  if (!read) return Failure{parts_->file.failure("it could not be read back: " + read.error())};
  if (parts_->options.stop.stop_requested()) return Failure{parts_->file.failure(interrupted)};
  return found;
}

tl::expected<void, std::string> Writer::commit() {
  return parts_->file.commit();
}

}  // namespace doctor::bundle
