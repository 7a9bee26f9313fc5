#include "deployment/settings_expression.hpp"

#include <algorithm>

#include "util/text.hpp"

namespace doctor::deployment {
namespace {

constexpr std::string_view redacted = "[redacted]";

/// A piece of literal text, or one reference.
struct Piece {
  bool reference = false;
  std::string text;  ///< literal text, or the reference as it may be shown
  std::string name;
};

bool name_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

std::size_t name_end(std::string_view text, std::size_t from) {
  while (from < text.size() && name_character(text[from])) ++from;
  return from;
}

/// The position behind the brace that closes the one at `open`, or the end of the text.
std::size_t closing(std::string_view text, std::size_t open) {
  int depth = 0;
  for (std::size_t at = open; at < text.size(); ++at) {
    if (text[at] == '{') ++depth;
    if (text[at] == '}' && --depth == 0) return at + 1;
  }
  return text.size();
}

/// `inside` is what stands between the braces of "${NAME:-argument}".
Piece braced(std::string_view inside) {
  const auto end = name_end(inside, 0);
  Piece piece{true, "${" + std::string{inside.substr(0, end)}, std::string{inside.substr(0, end)}};
  auto rest = inside.substr(end);
  const auto operation = rest.substr(0, rest.starts_with(':') ? 2 : 1);
  rest.remove_prefix(std::min(rest.size(), operation.size()));
  piece.text += operation;
  if (!rest.empty()) piece.text += operation.ends_with('?') ? "..." : redacted;
  piece.text += '}';
  return piece;
}

void add_literal(std::vector<Piece>& pieces, std::string_view text) {
  if (text.empty()) return;
  if (pieces.empty() || pieces.back().reference) pieces.push_back({});
  pieces.back().text += text;
}

std::vector<Piece> pieces_of(std::string_view text) {
  std::vector<Piece> pieces;
  for (std::size_t at = 0; at < text.size();) {
    const auto dollar = std::min(text.find('$', at), text.size());
    add_literal(pieces, text.substr(at, dollar - at));
    at = dollar;
    if (at >= text.size()) break;
    const char next = at + 1 < text.size() ? text[at + 1] : '\0';
    if (next == '{') {
      const auto end = closing(text, at + 1);
      const auto close = text[end - 1] == '}' ? end - 1 : end;
      pieces.push_back(braced(text.substr(at + 2, close - at - 2)));
      at = end;
    } else if (name_character(next) && !(next >= '0' && next <= '9')) {
      const auto end = name_end(text, at + 1);
      pieces.push_back({true, std::string{text.substr(at, end - at)}, std::string{text.substr(at + 1, end - at - 1)}});
      at = end;
    } else {
      const auto length = next == '$' ? std::size_t{2} : std::size_t{1};
      add_literal(pieces, text.substr(at, length));
      at += length;
    }
  }
  return pieces;
}

/// The literal text with one NUL for every reference, to look for the parts of a URL in.
std::string skeleton_of(const std::vector<Piece>& pieces) {
  std::string skeleton;
  for (const auto& piece : pieces)
    if (piece.reference)
      skeleton += '\0';
    else
      std::copy_if(piece.text.begin(), piece.text.end(), std::back_inserter(skeleton),
                   [](char c) { return c != '\0'; });
  return skeleton;
}

/// Where the password of a URL stands in the skeleton.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool empty() const { return begin >= end; }
};

Span password_span(std::string_view skeleton) {
  const auto scheme = skeleton.find("://");
  if (scheme == std::string_view::npos) return {};
  const auto at = skeleton.rfind('@');
  const auto colon = skeleton.find(':', scheme + 3);
  if (at == std::string_view::npos || colon == std::string_view::npos || colon > at) return {};
  return {colon + 1, at};
}

std::string shown_skeleton(const std::vector<Piece>& pieces, std::string_view skeleton, Span span) {
  std::string text;
  auto piece = pieces.begin();
  bool hidden = false;
  for (std::size_t at = 0; at < skeleton.size(); ++at) {
    if (skeleton[at] == '\0') {
      while (!piece->reference) ++piece;
      text += (piece++)->text;
      hidden = false;
    } else if (at < span.begin || at >= span.end) {
      text += skeleton[at];
      hidden = false;
    } else if (!hidden) {
      text += redacted;
      hidden = true;
    }
  }
  return text;
}

}  // namespace

std::string without_secrets(std::string_view expression) {
  const auto pieces = pieces_of(expression);
  const auto skeleton = skeleton_of(pieces);
  auto span = password_span(skeleton);
  // Outside of a URL with a password, and with a secret in the query, no literal text is known to be harmless.
  if (span.empty() || util::lower(skeleton).find("password=") != std::string::npos) span = {0, skeleton.size()};
  return shown_skeleton(pieces, skeleton, span);
}

std::vector<std::string> secret_references(std::string_view expression, bool secret) {
  std::vector<std::string> names;
  const auto pieces = pieces_of(expression);
  if (secret && pieces.size() == 1 && pieces.front().reference) return {pieces.front().name};
  const auto skeleton = skeleton_of(pieces);
  const auto span = password_span(skeleton);
  auto piece = pieces.begin();
  for (std::size_t at = 0; at < skeleton.size(); ++at) {
    if (skeleton[at] != '\0') continue;
    while (!piece->reference) ++piece;
    if (at >= span.begin && at < span.end) names.push_back(piece->name);
    ++piece;
  }
  return names;
}

}  // namespace doctor::deployment
