#include "bundle/tar_writer.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <cerrno>
#include <cstring>

namespace doctor::bundle {

struct TarWriter::State {
  struct Free {
    void operator()(archive* written) const { archive_write_free(written); }
  };

  util::WholeFile* file = nullptr;
  std::int64_t time = 0;
  std::uint64_t unpacked = 0;
  std::uint64_t packed = 0;
  bool bomb = false;
  std::string problem;
  std::unique_ptr<archive, Free> writer;

  tl::expected<void, std::string> result(bool works) const {
    if (works && problem.empty()) return {};
    const char* words = archive_error_string(writer.get());
    return tl::unexpected{!problem.empty() ? problem
                                           : std::string{words == nullptr ? "the archive is refused" : words}};
  }

  void add(std::uint64_t bytes) {
    const ArchiveLimits limits;
    unpacked += bytes;
    bomb = bomb || (unpacked > limits.slack && (unpacked - limits.slack) / limits.most_ratio >= packed);
  }

  static la_ssize_t write(archive* writer, void* self, const void* data, std::size_t count) {
    auto& own = *static_cast<State*>(self);
    if (!util::write_all(own.file->descriptor(), {static_cast<const char*>(data), count})) {
      own.problem = std::strerror(errno);
      archive_set_error(writer, EIO, "not written");
      return -1;
    }
    own.packed += count;
    return static_cast<la_ssize_t>(count);
  }
};

namespace {

struct FreeEntry {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};

/// The filter by itself never stops at a bad option, which would only make the archive a little larger.
void choose(archive* writer, Compression compression, TarWriter::Effort effort) {
  const char* level = effort == TarWriter::Effort::none ? "0" : "1";
  if (compression == Compression::gzip) {
    archive_write_add_filter_gzip(writer);
    archive_write_set_filter_option(writer, "gzip", "timestamp", nullptr);
    if (effort != TarWriter::Effort::usual) archive_write_set_filter_option(writer, "gzip", "compression-level", level);
  } else {
    archive_write_add_filter_zstd(writer);
  }
  archive_write_set_format_pax_restricted(writer);
  archive_write_set_bytes_in_last_block(writer, 1);  // nothing stands behind the packed stream
}

}  // namespace

TarWriter::TarWriter(util::WholeFile& file, Compression compression, Effort effort, std::int64_t time)
    : state_{std::make_unique<State>()} {
  state_->file = &file;
  state_->time = time;
  state_->writer.reset(archive_write_new());
  choose(state_->writer.get(), compression, effort);
  state_->result(archive_write_open(state_->writer.get(), state_.get(), nullptr, State::write, nullptr) == ARCHIVE_OK)
      .or_else([this](const std::string& problem) { state_->problem = problem; });
}

TarWriter::~TarWriter() = default;

tl::expected<void, std::string> TarWriter::begin(const std::string& path, std::uint64_t size) {
  const std::unique_ptr<archive_entry, FreeEntry> entry{archive_entry_new()};
  archive_entry_set_pathname(entry.get(), path.c_str());
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0600);
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(size));
  archive_entry_set_mtime(entry.get(), state_->time, 0);
  state_->add(1024);
  return state_->result(state_->problem.empty() &&
                        archive_write_header(state_->writer.get(), entry.get()) == ARCHIVE_OK);
}

tl::expected<void, std::string> TarWriter::write(std::string_view bytes) {
  const auto written = archive_write_data(state_->writer.get(), bytes.data(), bytes.size());
  state_->add(bytes.size());
  return state_->result(written == static_cast<la_ssize_t>(bytes.size()));
}

tl::expected<void, std::string> TarWriter::finish() {
  return state_->result(archive_write_close(state_->writer.get()) == ARCHIVE_OK);
}

bool TarWriter::looks_like_bomb() const {
  return state_->bomb;
}

}  // namespace doctor::bundle
