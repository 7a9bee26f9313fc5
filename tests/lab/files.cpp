#include "lab/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <sstream>
#include <stdexcept>

#include "lab/command.hpp"

namespace doctor::lab {
namespace {

namespace fs = std::filesystem;

std::string random_text(std::size_t length, std::string_view alphabet) {
  std::random_device source;
  std::uniform_int_distribution<std::size_t> pick{0, alphabet.size() - 1};
  std::string text;
  while (text.size() < length) text += alphabet[pick(source)];
  return text;
}

constexpr std::string_view hex_digits = "0123456789abcdef";

std::string hexadecimal(const std::string& text) {
  std::string hex;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    hex += hex_digits[byte >> 4U];
    hex += hex_digits[byte & 15U];
  }
  return hex;
}

std::string url_encoded(const std::string& text) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '_' || c == '.' || c == '~';
    if (plain) {
      encoded += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      encoded += '%';
      encoded += "0123456789ABCDEF"[byte >> 4U];
      encoded += "0123456789ABCDEF"[byte & 15U];
    }
  }
  return encoded;
}

/// The characters of base64 that depend on `text` alone when `skip` bytes stand before it.
std::string base64_core(const std::string& text, std::size_t skip) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::string padded = std::string(skip, '\0') + text;
  std::string encoded;
  for (std::size_t at = 0; at + 3 <= padded.size(); at += 3) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(padded[at + i])); };
    const unsigned group = byte(0) << 16U | byte(1) << 8U | byte(2);
    for (const unsigned shift : {18U, 12U, 6U, 0U}) encoded += alphabet[group >> shift & 63U];
  }
  const std::size_t front = skip == 0 ? 0 : skip + 1;
  return encoded.size() > front ? encoded.substr(front) : std::string{};
}

std::string temporary() {
  const char* base = std::getenv("TMPDIR");
  return base == nullptr ? "/tmp" : base;
}

}  // namespace

Directory::Directory(const std::string& name) : Directory{name, temporary()} {}

Directory::Directory(const std::string& name, const std::string& base) {
  std::string pattern = base + "/doctor-lab-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot create " + pattern);
  ::chmod(pattern.c_str(), 0755);
  path_ = pattern + "/" + name;
  fs::create_directory(path_);
}

Directory::~Directory() {
  std::error_code ignored;
  fs::remove_all(parent(), ignored);
}

std::string Directory::parent() const {
  return fs::path{path_}.parent_path().string();
}

void Directory::write(const std::string& relative, const std::string& text, mode_t mode) const {
  const fs::path full = path(relative);
  fs::create_directories(full.parent_path());
  fs::remove(full);
  std::ofstream file{full, std::ios::binary};
  file << text;
  file.close();
  if (!file) throw std::runtime_error("cannot write " + full.string());
  ::chmod(full.c_str(), mode);
}

std::string Directory::read(const std::string& relative) const {
  return read_file(path(relative));
}

bool Directory::exists(const std::string& relative) const {
  return fs::exists(path(relative));
}

void Directory::remove(const std::string& relative) const {
  fs::remove_all(path(relative));
}

void Directory::make(const std::string& relative, mode_t mode) const {
  fs::create_directories(path(relative));
  ::chmod(path(relative).c_str(), mode);
}

void Directory::mode(const std::string& relative, mode_t mode) const {
  if (::chmod(path(relative).c_str(), mode) != 0) throw std::runtime_error("chmod " + relative);
}

void Directory::owner(const std::string& relative, std::uint32_t uid) const {
  if (is_root() && ::chown(path(relative).c_str(), uid, uid) != 0) throw std::runtime_error("chown " + relative);
}

void Directory::touch(const std::string& relative, long seconds_from_now) const {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  now.tv_sec += seconds_from_now;
  const timespec times[2] = {now, now};
  if (::utimensat(AT_FDCWD, path(relative).c_str(), times, 0) != 0) throw std::runtime_error("touch " + relative);
}

std::string read_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>{file}, {}};
}

void replace(std::string& text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  if (at == std::string::npos) throw std::runtime_error("nothing to replace: " + from);
  if (text.find(from, at + 1) != std::string::npos) throw std::runtime_error("twice there: " + from);
  text.replace(at, from.size(), to);
}

std::string random_alphanumeric(std::size_t length) {
  return random_text(length, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
}

std::string random_hex(std::size_t length) {
  return random_text(length, hex_digits);
}

void make_keys(const Directory& directory, std::uint32_t owner) {
  const auto private_key = directory.path("secrets/jwt_private.pem");
  const auto public_key = directory.path("secrets/jwt_public.pem");
  directory.make("secrets");
  run_or_throw({"openssl", "genpkey", "-algorithm", "Ed25519", "-out", private_key});
  run_or_throw({"openssl", "pkey", "-in", private_key, "-pubout", "-out", public_key});
  directory.mode("secrets/jwt_private.pem", 0600);
  directory.mode("secrets/jwt_public.pem", 0644);
  directory.owner("secrets/jwt_private.pem", owner);
  directory.owner("secrets/jwt_public.pem", owner);
}

std::vector<std::string> disguises(const std::string& secret) {
  std::vector<std::string> forms{secret, url_encoded(secret), hexadecimal(secret)};
  for (const std::size_t skip : {0U, 1U, 2U}) {
    auto form = base64_core(secret, skip);
    if (form.size() >= 8) forms.push_back(std::move(form));
  }
  return forms;
}

bool is_root() {
  return ::geteuid() == 0;
}

}  // namespace doctor::lab
