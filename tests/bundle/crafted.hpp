#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Archives as nobody should make them, byte by byte.
namespace doctor::test {

struct TarMember {
  std::string name{};
  std::string content{};
  char type = '0';                      ///< of the ustar header: '0' file, '1' hard link, '2' symbolic link, ...
  std::string link{};                   ///< where a link leads
  std::optional<std::uint64_t> size{};  ///< that the header states; nothing: what the content has
};

/// Header, content, padding.
std::string tar_member(const TarMember& member);
/// The head of a member alone.
std::string tar_head(const TarMember& member);
/// A pax header for the member behind it.
std::string pax_header(const std::vector<std::pair<std::string, std::string>>& records);
/// Two blocks of zeros.
std::string tar_end();
std::string tar_of(const std::vector<TarMember>& members);

/// A file without a name, in memory.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes = {});
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile();
  int descriptor() const { return descriptor_; }
  std::uint64_t size() const;
  std::string bytes() const;
  void append(std::string_view bytes) const;

 private:
  int descriptor_;
};

enum class Packing { gzip, zstd, xz, plain };

/// Packs bytes that come in pieces into a file.
class Packer {
 public:
  Packer(const MemoryFile& file, Packing packing);
  Packer(const Packer&) = delete;
  Packer& operator=(const Packer&) = delete;
  ~Packer();
  void add(std::string_view bytes);
  void zeros(std::uint64_t count);
  void finish();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

std::string packed(std::string_view bytes, Packing packing = Packing::gzip);

}  // namespace doctor::test
