#pragma once

#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

/// Seeds, dictionaries and mutations of them for tests/fuzz/replay.cpp. The same seeds give the same mutations on every
/// machine.
namespace doctor::fuzz {

using Inputs = std::vector<std::string>;

std::string content_of(const std::filesystem::path& file);

/// The files of a directory, sorted by name. Throws std::runtime_error when there is none.
Inputs read_seeds(const std::filesystem::path& directory);

/// The words of a libFuzzer dictionary: lines of [name=]"word" with \\, \" and \xAB. A missing file has none. Throws
/// std::runtime_error for a line of another form.
Inputs read_dictionary(const std::filesystem::path& file);

/// Makes new inputs from seeds: bits flipped, bytes replaced, words of the dictionary inserted, parts cut out, doubled,
/// repeated very often, moved between seeds.
class Mutator {
 public:
  /// `seeds` and `words` must outlive it; there is at least one seed.
  Mutator(const Inputs& seeds, const Inputs& words) : seeds_{seeds}, words_{words} {}

  std::string next();

 private:
  std::size_t pick(std::size_t below);
  std::string slice(const std::string& text, std::size_t most);
  void mutate(std::string& text);
  void flip_bit(std::string& text);
  void replace_byte(std::string& text);
  void insert_word(std::string& text);
  void insert_slice(std::string& text, const std::string& from);
  void remove_slice(std::string& text);
  void splice(std::string& text);
  std::string repeated();

  const Inputs& seeds_;
  const Inputs& words_;
  std::mt19937_64 random_{20240229};
  std::size_t count_ = 0;
};

}  // namespace doctor::fuzz
