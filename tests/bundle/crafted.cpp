#include "bundle/crafted.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <stdexcept>

namespace doctor::test {
namespace {

constexpr std::size_t block = 512;

void put(std::string& head, std::size_t at, std::string_view text) {
  std::copy(text.begin(), text.end(), head.begin() + static_cast<std::ptrdiff_t>(at));
}

std::string octal(std::uint64_t value, std::size_t digits) {
  std::string text(digits, '0');
  for (auto digit = text.rbegin(); digit != text.rend(); ++digit, value /= 8)
    *digit = static_cast<char>('0' + static_cast<char>(value % 8));
  return text;
}

std::string padding(std::size_t size) {
  return std::string((block - size % block) % block, '\0');
}

void must(bool works, const char* what) {
  if (!works) throw std::runtime_error{what};
}

}  // namespace

std::string tar_head(const TarMember& member) {
  std::string head(block, '\0');
  put(head, 0, std::string_view{member.name}.substr(0, 100));
  put(head, 100, "0000600");
  put(head, 108, "0000000");
  put(head, 116, "0000000");
  put(head, 124, octal(member.size.value_or(member.content.size()), 11));
  put(head, 136, octal(1700000000, 11));
  put(head, 148, "        ");
  head[156] = member.type;
  put(head, 157, std::string_view{member.link}.substr(0, 100));
  put(head, 257,
      std::string_view{"ustar\0"
                       "00",
                       8});
  std::uint64_t sum = 0;
  for (const char c : head) sum += static_cast<unsigned char>(c);
  put(head, 148, octal(sum, 6) + std::string_view{"\0 ", 2}.data());
  head[154] = '\0';
  head[155] = ' ';
  return head;
}

std::string tar_member(const TarMember& member) {
  return tar_head(member) + member.content + padding(member.content.size());
}

std::string pax_header(const std::vector<std::pair<std::string, std::string>>& records) {
  std::string text;
  for (const auto& [key, value] : records) {
    const auto rest = key.size() + value.size() + 3;  // blank, equals sign, line break
    auto length = rest + std::to_string(rest).size();
    if (std::to_string(length).size() > std::to_string(rest).size()) ++length;
    text += std::to_string(length) + " " + key + "=" + value + "\n";
  }
  return tar_member({"PaxHeader/x", text, 'x', {}, {}});
}

std::string tar_end() {
  return std::string(2 * block, '\0');
}

std::string tar_of(const std::vector<TarMember>& members) {
  std::string tar;
  for (const auto& member : members) tar += tar_member(member);
  return tar + tar_end();
}

MemoryFile::MemoryFile(std::string_view bytes) : descriptor_{memfd_create("archive", MFD_CLOEXEC)} {
  must(descriptor_ >= 0, "memfd_create");
  append(bytes);
}

MemoryFile::~MemoryFile() {
  close(descriptor_);
}

std::uint64_t MemoryFile::size() const {
  struct stat status {};
  must(fstat(descriptor_, &status) == 0, "fstat");
  return static_cast<std::uint64_t>(status.st_size);
}

std::string MemoryFile::bytes() const {
  std::string text(size(), '\0');
  must(pread(descriptor_, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()), "pread");
  return text;
}

void MemoryFile::append(std::string_view bytes) const {
  while (!bytes.empty()) {
    const auto written = pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(size()));
    must(written > 0, "pwrite");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

struct Packer::Parts {
  const MemoryFile* file = nullptr;
  archive* writer = nullptr;

  static la_ssize_t write(archive*, void* self, const void* data, std::size_t count) {
    static_cast<Parts*>(self)->file->append({static_cast<const char*>(data), count});
    return static_cast<la_ssize_t>(count);
  }
};

Packer::Packer(const MemoryFile& file, Packing packing) : parts_{std::make_unique<Parts>()} {
  auto* writer = archive_write_new();
  parts_->file = &file;
  parts_->writer = writer;
  if (packing == Packing::gzip) archive_write_add_filter_gzip(writer);
  if (packing == Packing::zstd) archive_write_add_filter_zstd(writer);
  if (packing == Packing::xz) archive_write_add_filter_xz(writer);
  archive_write_set_format_raw(writer);
  archive_write_set_bytes_in_last_block(writer, 1);
  must(archive_write_open(writer, parts_.get(), nullptr, Parts::write, nullptr) == ARCHIVE_OK, "archive_write_open");
  auto* entry = archive_entry_new();
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_entry_set_pathname(entry, "data");
  const int headed = archive_write_header(writer, entry);
  archive_entry_free(entry);
  must(headed == ARCHIVE_OK, "archive_write_header");
}

Packer::~Packer() {
  archive_write_free(parts_->writer);
}

void Packer::add(std::string_view bytes) {
  if (bytes.empty()) return;
  must(archive_write_data(parts_->writer, bytes.data(), bytes.size()) == static_cast<la_ssize_t>(bytes.size()),
       "archive_write_data");
}

void Packer::zeros(std::uint64_t count) {
  const std::string piece(1024UL * 1024, '\0');
  for (; count > 0; count -= std::min<std::uint64_t>(count, piece.size()))
    add(std::string_view{piece}.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(count, piece.size()))));
}

void Packer::finish() {
  must(archive_write_close(parts_->writer) == ARCHIVE_OK, "archive_write_close");
}

std::string packed(std::string_view bytes, Packing packing) {
  const MemoryFile file;
  Packer packer{file, packing};
  packer.add(bytes);
  packer.finish();
  return file.bytes();
}

}  // namespace doctor::test
