#include "doctor/format/pem.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace doctor::formats {
namespace {

constexpr std::string_view begin_mark = "-----BEGIN ";
constexpr std::string_view end_mark = "-----END ";
constexpr std::string_view dashes = "-----";
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

PemReport problem(std::string what, int line = 0, int column = 0) {
  PemReport report;
  report.problem = std::move(what);
  report.line = line;
  report.column = column;
  return report;
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

std::string_view without_end_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// 0 to 63, or -1.
int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

/// Long enough that it is no word of a language.
bool only_base64(std::string_view text) {
  return text.size() >= 40 && std::all_of(text.begin(), text.end(), [](char c) {
           return base64_value(c) >= 0 || c == '=' || c == '\n' || is_blank(c);
         });
}

int line_of(std::string_view text, std::size_t offset) {
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(offset, text.size()));
  return 1 + static_cast<int>(std::count(text.begin(), end, '\n'));
}

/// A SEQUENCE of DER: tag 0x30, then a length that is long or fits the file.
bool looks_like_der(std::string_view bytes) {
  if (bytes.size() < 2 || bytes[0] != '\x30') return false;
  const auto length = static_cast<unsigned char>(bytes[1]);
  return (length & 0x80U) != 0 || length + 2U == bytes.size();
}

/// Why a text without a proper BEGIN line has none.
PemReport no_block(std::string_view text) {
  if (const auto at = text.find("BEGIN "); at != std::string_view::npos)
    return problem("the BEGIN line is malformed", line_of(text, at));
  if (text.starts_with("ssh-") || text.starts_with("ecdsa-sha2-"))
    return problem("an OpenSSH public key instead of PEM", 1);
  if (text.starts_with("{")) return problem("JSON instead of PEM", 1);
  if (only_base64(text)) return problem("the BEGIN and END lines are missing", 1);
  return problem("no PEM block");
}

/// Mistakes of the file as a whole.
std::optional<PemReport> whole_file_problem(std::string_view bytes) {
  if (bytes.size() > most_pem_bytes) return problem("larger than 64 kB");
  if (bytes.find_first_not_of(" \t\r\n") == std::string_view::npos) return problem("empty");
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) return problem("UTF-16 instead of ASCII text", 1);
  if (looks_like_der(bytes)) return problem("DER instead of PEM");
  if (const auto at = bytes.find('\0'); at != std::string_view::npos)
    return problem("binary content", line_of(bytes, at));
  const auto begin = bytes.find(begin_mark);
  if (begin == std::string_view::npos) return no_block(bytes);
  if (const auto at = bytes.find("\\n", begin); at != std::string_view::npos)
    return problem("literal \\n instead of line breaks", line_of(bytes, at));
  if (bytes.find('\n') == std::string_view::npos && bytes.find('\r', begin) != std::string_view::npos)
    return problem("carriage returns instead of line breaks", 1);
  return std::nullopt;
}

/// The head of a SEQUENCE says how long it is; a block that holds less was cut.
class DerLength {
 public:
  void add(unsigned char byte) {
    if (count_ < head_.size()) head_.at(count_) = byte;
    ++count_;
  }

  std::string_view problem() const {
    if (count_ < 2) return "the block is cut short";
    if (head_[0] != 0x30) return "the block holds no DER structure";
    const std::size_t size_bytes = (head_[1] & 0x80U) != 0 ? head_[1] & 0x7FU : 0;
    if (size_bytes > 4) return "the block holds no DER structure";
    std::uint64_t length = size_bytes == 0 ? head_[1] : 0;
    for (std::size_t i = 0; i < size_bytes; ++i) length = (length << 8U) | head_.at(2 + i);
    const std::uint64_t expected = 2 + size_bytes + length;
    if (count_ < expected) return "the block is cut short";
    return count_ > expected ? "the block holds more than one structure" : "";
  }

 private:
  std::array<unsigned char, 6> head_{};
  std::uint64_t count_ = 0;
};

/// Base64 (RFC 4648) fed in pieces; keeps four characters at most.
class Base64 {
 public:
  /// Why this character may not stand here, or "".
  std::string_view add(char c) {
    if (c == '=') {
      if (filled_ % 4 < 2 && padding_ == 0) return "\"=\" in a wrong place";
      return ++padding_ > 2 ? "\"=\" in a wrong place" : "";
    }
    const int value = base64_value(c);
    if (value < 0) return "a character outside the base64 alphabet";
    if (padding_ > 0) return "text after the \"=\" at the end of base64";
    bits_ = (bits_ << 6U) | static_cast<unsigned>(value);
    ++filled_;
    if (const auto phase = filled_ % 4; phase != 1) der_.add(static_cast<unsigned char>(bits_ >> shift(phase)));
    return "";
  }

  std::string_view end_problem() const {
    if (filled_ == 0) return "the block is empty";
    if ((filled_ + padding_) % 4 != 0) return "the block is cut short";
    return der_.problem();
  }

 private:
  /// After 2, 3 and 4 characters of a group one more byte is whole, with 4, 2 and 0 bits left over.
  static unsigned shift(std::uint64_t phase) { return phase == 2 ? 4 : phase == 3 ? 2 : 0; }

  unsigned bits_ = 0;
  std::uint64_t filled_ = 0;
  std::uint64_t padding_ = 0;
  DerLength der_;
};

class Linter {
 public:
  PemReport run(std::string_view bytes) {
    if (bytes.starts_with(byte_order_mark)) bytes.remove_prefix(byte_order_mark.size());
    while (!bytes.empty()) {
      const auto end = bytes.find('\n');
      auto line = bytes.substr(0, end);
      ++line_;
      if (line.ends_with('\r')) report_.crlf = report_.crlf || end != std::string_view::npos;
      take(without_end_blanks(line));
      if (end == std::string_view::npos) break;
      bytes.remove_prefix(end + 1);
    }
    if (inside_) complain(end_seen_ ? "the END line is malformed" : "the END line is missing");
    complain_of_label();
    return report_;
  }

 private:
  void complain(std::string_view what, std::size_t column = 0) { complain_at(what, line_, column); }

  void complain_at(std::string_view what, int line, std::size_t column = 0) {
    if (!report_.problem.empty()) return;
    report_.problem = what;
    report_.line = line;
    report_.column = static_cast<int>(column);
  }

  void take(std::string_view line) {
    if (const auto at = line.find(begin_mark); at != std::string_view::npos) return begin(line, at);
    if (line.find("-----BEGIN") != std::string_view::npos) return complain("the BEGIN line is malformed");
    if (!inside_) return;
    if (line.starts_with(end_mark)) return end(line);
    if (line.find("-----END") != std::string_view::npos) {
      end_seen_ = true;
      return complain("the END line is malformed");
    }
    body(line);
  }

  void begin(std::string_view line, std::size_t at) {
    if (inside_) complain("the END line is missing");
    if (at > 0) complain(before_begin(line.substr(0, at)));
    const auto rest = line.substr(at + begin_mark.size());
    const auto close = rest.find(dashes);
    if (close == std::string_view::npos || close == 0) return complain("the BEGIN line is malformed");
    if (rest.size() > close + dashes.size())
      return complain(rest.find(end_mark) == std::string_view::npos ? "text after the BEGIN line"
                                                                    : "line breaks are missing");
    label_ = rest.substr(0, close);
    if (++report_.blocks == 1)
      report_.label = safe_label(label_);
    else if (!several_are_normal())
      second_block_ = second_block_ == 0 ? line_ : second_block_;
    inside_ = true;
    headers_ = true;
    body_lines_ = 0;
    blank_ = 0;
    base64_ = {};
  }

  static std::string_view before_begin(std::string_view text) {
    if (text.find_first_of("\"'`") != std::string_view::npos) return "a quotation mark before the BEGIN line";
    return without_end_blanks(text).empty() ? "blanks before the BEGIN line" : "text before the BEGIN line";
  }

  static std::string safe_label(std::string_view label) {
    const bool safe = std::all_of(label.begin(), label.end(),
                                  [](char c) { return base64_value(c) >= 0 || c == ' ' || c == '-' || c == '.'; });
    return safe ? std::string{label.substr(0, 64)} : std::string{};
  }

  /// A chain of certificates, and the parameters that `openssl ecparam -genkey` writes before an EC key.
  bool several_are_normal() const {
    return (report_.label == "CERTIFICATE" && label_ == "CERTIFICATE") || report_.label == "EC PARAMETERS";
  }

  void end(std::string_view line) {
    inside_ = false;
    if (line != std::string{end_mark} + std::string{label_} + std::string{dashes})
      return complain("the END line does not fit the BEGIN line");
    if (blank_ != 0) complain_at("a blank line inside the block", blank_);
    if (label_.starts_with("OPENSSH ") || label_.starts_with("EC PARAM")) return;
    if (const auto what = base64_.end_problem(); !what.empty()) complain(what);
  }

  void body(std::string_view line) {
    if (headers_ && line.find(':') != std::string_view::npos) {
      if (line.starts_with("Proc-Type:") && line.find("ENCRYPTED") != std::string_view::npos)
        complain("encrypted with a passphrase");
      return;
    }
    if (line.empty()) {
      if (body_lines_ > 0 && blank_ == 0) blank_ = line_;
      headers_ = false;
      return;
    }
    headers_ = false;
    ++body_lines_;
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (is_blank(line[i])) continue;
      if (const auto what = base64_.add(line[i]); !what.empty()) return complain(what, i + 1);
    }
  }

  void complain_of_label() {
    const auto& label = report_.label;
    if (label == "OPENSSH PRIVATE KEY") complain_at("OpenSSH format instead of PKCS#8", 0);
    if (label == "ENCRYPTED PRIVATE KEY") complain_at("encrypted with a passphrase", 0);
    if (second_block_ != 0) complain_at("several PEM blocks", second_block_);
  }

  PemReport report_;
  std::string_view label_;
  Base64 base64_;
  int line_ = 0;
  int blank_ = 0;
  int second_block_ = 0;
  int body_lines_ = 0;
  bool inside_ = false;
  bool headers_ = false;
  bool end_seen_ = false;
};

}  // namespace

PemReport lint_pem(std::string_view bytes) {
  if (auto report = whole_file_problem(bytes)) return *report;
  return Linter{}.run(bytes);
}

}  // namespace doctor::formats
