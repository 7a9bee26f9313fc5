#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

/// Files of a deployment under test.
namespace doctor::lab {

/// A directory of its own in the temporary directory, open to every user, removed at the end.
class Directory {
 public:
  explicit Directory(const std::string& name = "chatalot");
  Directory(const std::string& name, const std::string& base);  ///< below `base` instead
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory();

  const std::string& path() const { return path_; }
  std::string path(const std::string& relative) const { return path_ + "/" + relative; }
  std::string parent() const;  ///< for what must not lie in the deployment itself

  /// Writes a file, and the directories that it needs.
  void write(const std::string& relative, const std::string& text, mode_t mode = 0644) const;
  std::string read(const std::string& relative) const;
  bool exists(const std::string& relative) const;
  void remove(const std::string& relative) const;
  void make(const std::string& relative, mode_t mode = 0755) const;
  void mode(const std::string& relative, mode_t mode) const;
  void owner(const std::string& relative, std::uint32_t uid) const;  ///< user and group; nothing unless root
  /// Sets the time of the last change, in seconds from now.
  void touch(const std::string& relative, long seconds_from_now) const;

 private:
  std::string path_;
};

std::string read_file(const std::string& path);

/// Replaces the only occurrence of `from`; throws std::runtime_error when there is none, or more than one.
void replace(std::string& text, const std::string& from, const std::string& to);

/// Random text, as the application's scripts make it.
std::string random_alphanumeric(std::size_t length);
std::string random_hex(std::size_t length);

/// An Ed25519 key pair made by the openssl program: secrets/jwt_private.pem 0600 and secrets/jwt_public.pem 0644.
void make_keys(const Directory& directory, std::uint32_t owner);

/// The same values of a text in every form that could give it away: as it is, URL-encoded, in base64 at each alignment,
/// in hexadecimal.
std::vector<std::string> disguises(const std::string& secret);

bool is_root();

}  // namespace doctor::lab
