#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace doctor::util {

/// An open file, closed at the end.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int value) : value_{value} {}
  Descriptor(Descriptor&& other) noexcept : value_{std::exchange(other.value_, -1)} {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();

  int get() const { return value_; }
  bool valid() const { return value_ >= 0; }

 private:
  int value_ = -1;
};

/// Writes everything, whatever interrupts it. False: errno says why.
bool write_all(int descriptor, std::string_view bytes);

/// A file without a name in a directory, mode 0600, to write and read back. It is gone with the process, however that
/// ends.
tl::expected<Descriptor, std::string> nameless_file(const std::string& directory);

/// A file that is at its path whole or not at all, mode 0600: it is written without a name, and commit() gives it one
/// after fsync. Nothing is left behind without commit(), also when the process is killed; killed within commit() while
/// an older file is replaced, a second name of the new one may stay. Errors name the path and the reason.
class WholeFile {
 public:
  /// Refuses a path where something stands that is not a regular file; a link is not followed.
  static tl::expected<WholeFile, std::string> open(const std::string& path);

  tl::expected<void, std::string> write(std::string_view bytes);
  /// Empties it again.
  tl::expected<void, std::string> restart();
  tl::expected<void, std::string> commit();
  /// The same for a file that everybody may read (0644), and that must not be there yet: one that has come meanwhile
  /// stays, and is an error.
  tl::expected<void, std::string> commit_new();

  /// To read it back, also before commit().
  int descriptor() const { return file_.get(); }
  const std::string& path() const { return path_; }
  /// "cannot write PATH: WHY", the reason of errno without `why`.
  std::string failure(std::string_view why = {}) const;

 private:
  WholeFile() = default;
  bool link_as(const std::string& name) const;
  bool copy_to(const std::string& name) const;
  bool replace() const;
  bool rename_copy() const;

  std::string path_;
  std::string name_;  ///< in the directory
  Descriptor directory_;
  Descriptor file_;
  bool linkable_ = true;  ///< the file system can give a name to a file without one
};

}  // namespace doctor::util
