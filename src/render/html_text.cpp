#include "render/html_text.hpp"

#include "render/blocks.hpp"
#include "util/text.hpp"

namespace doctor::render {
namespace {

std::string referenced(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '&')
      out += "&amp;";
    else if (c == '"')
      out += "&quot;";
    else if (c == '\'')
      out += "&#39;";
    else
      out += c;
  }
  return out;
}

std::string line(std::string_view text) {
  std::string out;
  for (const auto& span : spans(text)) {
    const auto content = html_text(span.text);
    if (span.kind == Span::Kind::code)
      out += "<code>" + content + "</code>";
    else if (span.kind == Span::Kind::strong)
      out += "<strong>" + content + "</strong>";
    else
      out += content;
  }
  return out;
}

/// Puts <ul> or <ol> around items that stand together.
class Lists {
 public:
  explicit Lists(std::string& out) : out_{out} {}

  void item(const std::string& marker, const std::string& content) {
    const auto* wanted = marker == "- " ? "ul" : "ol";
    if (open_ != wanted) {
      close();
      open_ = wanted;
      out_ += "<" + open_ + ">";
    }
    out_ += "<li>" + content + "</li>";
  }

  void close() {
    if (!open_.empty()) out_ += "</" + open_ + ">";
    open_.clear();
  }

 private:
  std::string& out_;
  std::string open_;
};

}  // namespace

std::string html_text(std::string_view text) {
  return referenced(util::shown(text, std::string_view::npos));
}

std::string html_word(std::string_view text) {
  std::string out;
  for (const char c : text)
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-') out += c;
  return out;
}

std::string html_lines(std::string_view text) {
  return referenced(util::shown_lines(text));
}

std::string html_prose(std::string_view markdown) {
  std::string out;
  Lists lists{out};
  for (const auto& block : blocks(markdown)) {
    if (block.kind == Block::Kind::item) {
      lists.item(block.marker, line(block.text));
      continue;
    }
    lists.close();
    if (block.kind == Block::Kind::code)
      out += "<pre>" + html_lines(block.text) + "</pre>";
    else
      out += "<p>" + line(block.text) + "</p>";
  }
  lists.close();
  return out;
}

}  // namespace doctor::render
