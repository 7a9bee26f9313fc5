#include "guides/blob.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <stdexcept>
#include <tuple>

#include "util/serialise.hpp"

namespace doctor::guides {
namespace {

constexpr std::string_view magic = "doctor\x1A\n";
constexpr std::uint32_t version = 1;
constexpr std::size_t header_size = 24;
constexpr std::size_t code_row_size = 24;
constexpr std::size_t system_row_size = 16;
constexpr std::size_t explains_row_size = 20;
constexpr std::size_t span_size = 8;

[[noreturn]] void damaged(const char* what) {
  throw std::runtime_error{std::string{"the embedded guides are damaged: "} + what};
}

/// Builds a blob: rows are written first, and point into the data that follows them.
class Writer {
 public:
  explicit Writer(std::size_t data_begins) : data_begins_{data_begins} {}

  void number(std::size_t value) {
    if (value > std::numeric_limits<std::uint32_t>::max()) throw std::length_error{"the guides exceed 4 GB"};
    for (unsigned shift = 0; shift < 32; shift += 8) rows_ += static_cast<char>((value >> shift) & 0xFFU);
  }

  void name(const std::string& text) {
    const auto [known, is_new] = names_.emplace(text, data_.size());
    if (is_new) data_ += text;
    number(data_begins_ + known->second);
    number(text.size());
  }

  template <class T>
  void record(const T& value) {
    const auto bytes = util::Json::to_cbor(util::to_json(value));
    number(data_begins_ + data_.size());
    number(bytes.size());
    data_.append(bytes.begin(), bytes.end());
  }

  void raw(std::string_view text) { rows_ += text; }
  std::string take() { return rows_ + data_; }

 private:
  std::size_t data_begins_;
  std::string rows_;
  std::string data_;
  std::map<std::string, std::size_t> names_;
};

using ExplainsRow = std::tuple<std::string, std::string, std::size_t>;

/// One row per system, code and entry, sorted; an entry with two conditions for one code is there once.
std::set<ExplainsRow> explains_rows(const std::vector<Entry>& entries) {
  std::set<ExplainsRow> rows;
  for (std::size_t i = 0; i < entries.size(); ++i)
    for (const auto& explains : entries[i].explains) rows.emplace(entries[i].system, explains.code, i);
  return rows;
}

template <class Items, class Name>
void sort_unique(Items& items, Name name) {
  std::sort(items.begin(), items.end(), [&](const auto& a, const auto& b) { return name(a) < name(b); });
  const auto twice =
      std::adjacent_find(items.begin(), items.end(), [&](const auto& a, const auto& b) { return name(a) == name(b); });
  if (twice != items.end()) throw std::invalid_argument{name(*twice) + " is there twice"};
}

/// Follows the structure of a record and stops where it nests deeper than any of ours: the library reads CBOR
/// recursively.
class DepthGuard : public nlohmann::json_sax<util::Json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool key(string_t&) override { return true; }
  bool start_object(std::size_t) override { return ++depth_ <= most_depth; }
  bool end_object() override { return --depth_ >= 0; }
  bool start_array(std::size_t) override { return ++depth_ <= most_depth; }
  bool end_array() override { return --depth_ >= 0; }
  bool parse_error(std::size_t, const std::string&, const util::Json::exception&) override { return false; }

 private:
  static constexpr int most_depth = 64;
  int depth_ = 0;
};

template <class T>
T decode(std::string_view record) {
  DepthGuard guard;
  if (!util::Json::sax_parse(record.begin(), record.end(), &guard, util::Json::input_format_t::cbor))
    damaged("a record cannot be read");
  T value;
  try {
    util::from_json(util::Json::from_cbor(record.begin(), record.end()), value);
  } catch (const util::Json::exception&) {
    damaged("a record cannot be read");
  }
  return value;
}

/// Binary search over the rows of a table: the first row whose key is not less than `key`.
template <class Key, class KeyOf>
std::size_t lower_bound(std::size_t count, const Key& key, KeyOf key_of) {
  std::size_t first = 0;
  while (count > 0) {
    const auto half = count / 2;
    if (key_of(first + half) < key) {
      first += half + 1;
      count -= half + 1;
    } else {
      count = half;
    }
  }
  return first;
}

}  // namespace

std::string write_blob(std::vector<Entry> entries, std::vector<SystemDescription> systems) {
  sort_unique(entries, [](const Entry& entry) { return entry.code; });
  sort_unique(systems, [](const SystemDescription& system) { return system.name; });
  const auto explains = explains_rows(entries);
  Writer writer{header_size + entries.size() * code_row_size + systems.size() * system_row_size +
                explains.size() * explains_row_size};
  writer.raw(magic);
  for (const std::size_t value : {std::size_t{version}, entries.size(), systems.size(), explains.size()})
    writer.number(value);
  for (const auto& entry : entries) {
    writer.name(entry.code);
    writer.name(entry.system);
    writer.record(entry);
  }
  for (const auto& system : systems) {
    writer.name(system.name);
    writer.record(system);
  }
  for (const auto& [system, code, index] : explains) {
    writer.name(system);
    writer.name(code);
    writer.number(index);
  }
  return writer.take();
}

Blob::Blob(std::string_view bytes) : bytes_{bytes} {
  if (bytes.size() < header_size || !bytes.starts_with(magic)) damaged("no header");
  if (number(8) != version) damaged("another version");
  codes_ = number(12);
  systems_ = number(16);
  explains_ = number(20);
  if (explains_row(explains_) > bytes.size()) damaged("cut off");
}

std::uint32_t Blob::number(std::size_t offset) const {
  if (offset + 4 > bytes_.size()) damaged("a number is out of bounds");
  std::uint32_t value = 0;
  for (std::size_t i = 4; i > 0; --i) value = (value << 8U) | static_cast<unsigned char>(bytes_[offset + i - 1]);
  return value;
}

std::string_view Blob::span(std::size_t offset) const {
  const std::size_t begin = number(offset);
  const std::size_t length = number(offset + 4);
  if (begin > bytes_.size() || length > bytes_.size() - begin) damaged("a text is out of bounds");
  return bytes_.substr(begin, length);
}

std::size_t Blob::code_row(std::size_t index) const {
  return header_size + index * code_row_size;
}
std::size_t Blob::system_row(std::size_t index) const {
  return code_row(codes_) + index * system_row_size;
}
std::size_t Blob::explains_row(std::size_t index) const {
  return system_row(systems_) + index * explains_row_size;
}

std::string_view Blob::code(std::size_t index) const {
  return span(code_row(index));
}
std::string_view Blob::system_of(std::size_t index) const {
  return span(code_row(index) + span_size);
}
Entry Blob::entry(std::size_t index) const {
  return decode<Entry>(span(code_row(index) + 2 * span_size));
}
std::string_view Blob::system(std::size_t index) const {
  return span(system_row(index));
}
SystemDescription Blob::description(std::size_t index) const {
  return decode<SystemDescription>(span(system_row(index) + span_size));
}

std::size_t Blob::find_code(std::string_view name) const {
  const auto index = lower_bound(codes_, name, [this](std::size_t i) { return code(i); });
  return index < codes_ && code(index) == name ? index : codes_;
}

std::size_t Blob::find_system(std::string_view name) const {
  const auto index = lower_bound(systems_, name, [this](std::size_t i) { return system(i); });
  return index < systems_ && system(index) == name ? index : systems_;
}

std::vector<std::size_t> Blob::candidates(std::string_view system, std::string_view code) const {
  const std::pair wanted{system, code};
  const auto key = [this](std::size_t i) {
    return std::pair{span(explains_row(i)), span(explains_row(i) + span_size)};
  };
  std::vector<std::size_t> found;
  for (auto row = lower_bound(explains_, wanted, key); row < explains_ && key(row) == wanted; ++row)
    found.push_back(number(explains_row(row) + 2 * span_size));
  return found;
}

}  // namespace doctor::guides
