#include "redact/encodings.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace doctor::redact {
namespace {

constexpr std::string_view lower_digits = "0123456789abcdef";
constexpr std::string_view upper_digits = "0123456789ABCDEF";
constexpr std::string_view base64_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

void append_hex(std::string& out, char c, std::string_view digits) {
  const auto byte = static_cast<unsigned char>(c);
  out += digits[byte >> 4U];
  out += digits[byte & 0xFU];
}

std::string hexadecimal(std::string_view value, std::string_view digits) {
  std::string out;
  for (const char c : value) append_hex(out, c, digits);
  return out;
}

std::string url_encoded(std::string_view value, std::string_view kept, std::string_view digits, bool plus) {
  std::string out;
  for (const char c : value) {
    if (is_alphanumeric(c) || kept.find(c) != std::string_view::npos) {
      out += c;
    } else if (plus && c == ' ') {
      out += '+';
    } else {
      out += '%';
      append_hex(out, c, digits);
    }
  }
  return out;
}

/// The code point of well-formed UTF-8 at the front, and its length; a broken byte stands for itself.
std::pair<unsigned, std::size_t> code_point(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 1;
  if (length == 1 || length > text.size()) return {first, 1};
  unsigned point = first & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) point = (point << 6U) | (static_cast<unsigned char>(text[i]) & 0x3FU);
  return {point, length};
}

void append_u(std::string& out, unsigned unit) {
  out += "\\u";
  for (const unsigned shift : {12U, 8U, 4U, 0U}) out += lower_digits[(unit >> shift) & 0xFU];
}

struct JsonStyle {
  bool slash = false;  ///< "\/"
  bool ascii = false;  ///< \u00e4
};

std::string json_escaped(std::string_view value, JsonStyle style) {
  constexpr std::string_view plain = "\"\\\b\f\n\r\t";
  constexpr std::string_view letter = "\"\\bfnrt";
  std::string out;
  while (!value.empty()) {
    const char c = value.front();
    const auto [point, length] = code_point(value);
    if (const auto at = plain.find(c); at != std::string_view::npos) {
      out += {'\\', letter[at]};
    } else if (c == '/' && style.slash) {
      out += "\\/";
    } else if (point < 0x20 || point == 0x7F || (style.ascii && point >= 0x80)) {
      if (point >= 0x10000) append_u(out, 0xD800U + ((point - 0x10000U) >> 10U));
      append_u(out, point >= 0x10000 ? 0xDC00U + ((point - 0x10000U) & 0x3FFU) : point);
    } else {
      out += value.substr(0, length);
    }
    value.remove_prefix(length);
  }
  return out;
}

std::string escaped(std::string_view value, std::string_view special, std::string_view with) {
  std::string out;
  for (const char c : value) {
    if (special.find(c) != std::string_view::npos) out += with;
    out += c;
  }
  return out;
}

std::string replaced(std::string_view text, char from, std::string_view to) {
  std::string out;
  for (const char c : text)
    if (c == from)
      out += to;
    else
      out += c;
  return out;
}

std::string html_escaped(std::string_view value, std::string_view apostrophe) {
  auto out = replaced(value, '&', "&amp;");
  out = replaced(out, '<', "&lt;");
  out = replaced(out, '>', "&gt;");
  out = replaced(out, '"', "&quot;");
  return replaced(out, '\'', apostrophe);
}

/// The base64 characters that depend on the value alone when `offset` bytes stand before it.
Form base64_core(std::string_view value, std::size_t offset) {
  std::string padded(offset, '\0');
  padded += value;
  std::string text;
  unsigned bits = 0;
  unsigned count = 0;
  for (const char c : padded) {
    bits = (bits << 8U) | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6) text += base64_alphabet[(bits >> (count - 6)) & 0x3FU];
    bits &= 0xFFU;
  }
  constexpr std::array<std::size_t, 3> first_whole{0, 2, 3};
  return {text.substr(std::min(first_whole.at(offset), text.size())), offset == 0 ? 0U : 1U, count != 0 ? 1U : 0U};
}

class Collector {
 public:
  void add(Form form) {
    if (!form.bytes.empty() && seen_.insert(form.bytes).second) forms_.push_back(std::move(form));
  }
  void add(std::string bytes) { add(Form{std::move(bytes), 0, 0}); }
  std::vector<Form> take() { return std::move(forms_); }

 private:
  std::set<std::string> seen_;
  std::vector<Form> forms_;
};

void add_url_forms(std::string_view value, Collector& out) {
  // Unreserved characters; what JavaScript keeps; what survives in a path or userinfo; what a form keeps.
  for (const std::string_view kept : {"-._~", "-._~!*'()", "-._~!$&'()*+,;=:@", "-._~!$&'()*+,;=:@/", "*-._"})
    for (const auto digits : {upper_digits, lower_digits})
      for (const bool plus : {false, true}) out.add(url_encoded(value, kept, digits, plus));
}

void add_json_forms(std::string_view value, Collector& out) {
  for (const bool slash : {false, true})
    for (const bool ascii : {false, true}) {
      const auto once = json_escaped(value, {slash, ascii});
      out.add(once);
      out.add(json_escaped(once, {}));
    }
}

void add_quoted_forms(std::string_view value, Collector& out) {
  out.add(replaced(value, '\'', "'\\''"));
  out.add(replaced(value, '\'', "'\"'\"'"));
  out.add(escaped(value, "\"\\$`", "\\"));
  out.add(escaped(value, "\"\\$`!", "\\"));
  out.add(escaped(value, " !\"#$&'()*;<>?[\\]^`{|}", "\\"));  // printf %q of bash
  out.add(escaped(value, " !\"#$&'()*,;<>?[\\]^`{|}~", "\\"));
  out.add(replaced(value, '$', "$$"));   // Docker Compose
  out.add(replaced(value, '\'', "''"));  // YAML, SQL
  out.add(html_escaped(value, "&#39;"));
  out.add(html_escaped(value, "&#x27;"));
  out.add(html_escaped(value, "'"));
}

void add_base64_forms(std::string_view value, Collector& out) {
  for (const std::size_t offset : {0U, 1U, 2U}) {
    const auto core = base64_core(value, offset);
    out.add(core);
    out.add(Form{replaced(replaced(core.bytes, '+', "-"), '/', "_"), core.lead, core.tail});
    out.add(Form{replaced(replaced(core.bytes, '+', "%2B"), '/', "%2F"), core.lead, core.tail});
    out.add(Form{replaced(core.bytes, '/', "\\/"), core.lead, core.tail});
  }
}

}  // namespace

std::string wide(std::string_view value) {
  std::string out;
  for (const char c : value) out += {c, '\0'};
  if (!out.empty()) out.pop_back();
  return out;
}

std::vector<Form> base64_forms(std::string_view value) {
  Collector out;
  for (const std::size_t offset : {0U, 1U, 2U}) {
    const auto core = base64_core(value, offset);
    out.add(core);
    out.add(Form{replaced(replaced(core.bytes, '+', "-"), '/', "_"), core.lead, core.tail});
  }
  return out.take();
}

std::vector<Form> hexadecimal_forms(std::string_view value) {
  return {{hexadecimal(value, lower_digits), 0, 0}, {hexadecimal(value, upper_digits), 0, 0}};
}

std::vector<Form> forms_of(std::string_view value) {
  Collector out;
  out.add(std::string{value});
  add_url_forms(value, out);
  add_json_forms(value, out);
  add_quoted_forms(value, out);
  out.add(hexadecimal(value, lower_digits));
  out.add(hexadecimal(value, upper_digits));
  add_base64_forms(value, out);
  out.add(wide(value));
  return out.take();
}

}  // namespace doctor::redact
