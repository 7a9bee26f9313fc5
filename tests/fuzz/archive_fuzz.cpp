#include <sys/mman.h>
#include <unistd.h>

#include <set>

#include "bundle/archive.hpp"
#include "property.hpp"

using doctor::fuzz::require;

namespace {

using namespace doctor;

constexpr std::uint64_t most_bytes = 4UL * 1024 * 1024;

bundle::ArchiveLimits limits() {
  bundle::ArchiveLimits small;
  small.most_bytes = most_bytes;
  small.most_members = 100;
  small.slack = 64UL * 1024;
  return small;
}

/// Reads all, and holds what is handed over against what read_archive() promises.
void check_archive(int descriptor) {
  std::set<std::string> names;
  std::uint64_t total = 0;
  const auto visit = [&](const bundle::ArchiveMember& member) {
    require(bundle::problem_of_name(member.path).empty(), "a member has a harmless name");
    require(fuzz::is_printable(member.path), "the name of a member can be shown");
    require(names.insert(member.path).second, "no name comes twice");
    std::uint64_t size = 0;
    const auto read = member.bytes([&](std::string_view bytes) {
      size += bytes.size();
      return true;
    });
    require(size <= member.size && (!read || size == member.size), "a member has the size that it states");
    total += size;
    return true;
  };
  const auto read = bundle::read_archive(descriptor, visit, limits());
  require(names.size() <= limits().most_members, "there are no more members than allowed");
  require(total <= most_bytes, "there are no more bytes than allowed");
  require(read || (!read.error().empty() && fuzz::is_printable(read.error())), "a refusal can be shown");
  const auto skipped = bundle::read_archive(
      descriptor, [](const bundle::ArchiveMember&) { return true; }, limits());
  require(!read || skipped.has_value(), "what can be read can be skipped");
}

}  // namespace

/// Bundles, packed as they are. Bytes that are mutated seldom unpack, so that the seeds hold stored blocks too.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  const int file = memfd_create("archive", MFD_CLOEXEC);
  require(file >= 0 && write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()), "a file in memory");
  check_archive(file);
  close(file);
  return 0;
}
