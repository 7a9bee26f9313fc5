#include "corpus.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace doctor::fuzz {
namespace {

constexpr std::size_t most_changes = 6;
constexpr std::size_t largest_mutant = 64 * 1024;
/// Every so many inputs one is made of a few bytes that are repeated until it is large: nesting, long lines, floods. It
/// is what tells quadratic time from linear time.
constexpr std::size_t repeated_every = 128;
constexpr std::size_t repeated_bytes = 64 * 1024;

int hexadecimal(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// One escape of a dictionary at `at` (behind the backslash), which is moved behind it.
char escaped(const std::string& line, std::size_t& at) {
  const char kind = at < line.size() ? line[at++] : '\0';
  if (kind == '\\' || kind == '"') return kind;
  if (kind != 'x' || at + 2 > line.size()) throw std::runtime_error{"a dictionary has a broken escape: " + line};
  const int value = hexadecimal(line[at]) * 16 + hexadecimal(line[at + 1]);
  if (hexadecimal(line[at]) < 0 || hexadecimal(line[at + 1]) < 0)
    throw std::runtime_error{"a dictionary has a broken escape: " + line};
  at += 2;
  return static_cast<char>(value);
}

std::string word_of(const std::string& line) {
  const auto end = line.rfind('"');
  auto at = line.find('"');
  if (at == std::string::npos || at == end) throw std::runtime_error{"a dictionary has a line without word: " + line};
  std::string word;
  for (++at; at < end;) {
    const char c = line[at++];
    word += c == '\\' ? escaped(line, at) : c;
  }
  return word;
}

}  // namespace

std::string content_of(const std::filesystem::path& file) {
  std::ifstream stream{file, std::ios::binary};
  if (!stream) throw std::runtime_error{"cannot read " + file.string()};
  return {std::istreambuf_iterator<char>{stream}, std::istreambuf_iterator<char>{}};
}

Inputs read_seeds(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator{directory})
    if (entry.is_regular_file()) files.push_back(entry.path());
  if (files.empty()) throw std::runtime_error{"no seeds in " + directory.string()};
  std::sort(files.begin(), files.end());
  Inputs seeds;
  for (const auto& file : files) seeds.push_back(content_of(file));
  return seeds;
}

Inputs read_dictionary(const std::filesystem::path& file) {
  Inputs words;
  if (!std::filesystem::exists(file)) return words;
  std::ifstream stream{file};
  for (std::string line; std::getline(stream, line);)
    if (!line.empty() && line.front() != '#') words.push_back(word_of(line));
  return words;
}

std::string Mutator::next() {
  if (++count_ % repeated_every == 0) return repeated();
  std::string text = seeds_[pick(seeds_.size())];
  const auto changes = 1 + pick(most_changes);
  for (std::size_t i = 0; i < changes; ++i) mutate(text);
  if (text.size() > largest_mutant) text.resize(largest_mutant);
  return text;
}

/// Modulo instead of a distribution of the library, whose results differ between implementations.
std::size_t Mutator::pick(std::size_t below) {
  return below == 0 ? 0 : static_cast<std::size_t>(random_() % below);
}

std::string Mutator::slice(const std::string& text, std::size_t most) {
  const auto begin = pick(text.size());
  return text.substr(begin, 1 + pick(most));
}

void Mutator::mutate(std::string& text) {
  switch (pick(8)) {
    case 0:
      return flip_bit(text);
    case 1:
      return replace_byte(text);
    case 2:
    case 3:
      return insert_word(text);
    case 4:
      return insert_slice(text, text);
    case 5:
      return insert_slice(text, seeds_[pick(seeds_.size())]);
    case 6:
      return remove_slice(text);
    default:
      return splice(text);
  }
}

void Mutator::flip_bit(std::string& text) {
  if (text.empty()) return;
  char& byte = text[pick(text.size())];
  byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1U << pick(8)));
}

void Mutator::replace_byte(std::string& text) {
  if (text.empty()) return;
  static constexpr char hostile[] = "\0\n\r\t \x1b\"'\\\x7f\x80\xbf\xc0\xff{}[]:=$#-/";
  text[pick(text.size())] = hostile[pick(std::size(hostile) - 1)];
}

void Mutator::insert_word(std::string& text) {
  if (words_.empty()) return insert_slice(text, text);
  text.insert(pick(text.size() + 1), words_[pick(words_.size())]);
}

void Mutator::insert_slice(std::string& text, const std::string& from) {
  const auto part = slice(from, 64);
  text.insert(pick(text.size() + 1), part);
}

void Mutator::remove_slice(std::string& text) {
  if (text.empty()) return;
  if (pick(4) == 0) return text.resize(pick(text.size()));
  text.erase(pick(text.size()), 1 + pick(64));
}

/// The head of one seed, the tail of another.
void Mutator::splice(std::string& text) {
  const auto& other = seeds_[pick(seeds_.size())];
  text = text.substr(0, pick(text.size() + 1)) + other.substr(pick(other.size() + 1));
}

std::string Mutator::repeated() {
  const auto& seed = seeds_[pick(seeds_.size())];
  const auto part = [&] {
    return words_.empty() || pick(2) == 0 ? slice(seed, 1 + pick(24)) : words_[pick(words_.size())];
  };
  const auto head = slice(seed, 64);
  const auto opening = part() + (pick(2) == 0 ? part() : std::string{});
  const auto closing = part();
  std::string text = head;
  while (!opening.empty() && text.size() < repeated_bytes / 2) text += opening;
  while (!closing.empty() && text.size() < repeated_bytes) text += closing;
  return text;
}

}  // namespace doctor::fuzz
