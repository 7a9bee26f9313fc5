#include "render/location.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>

#include "util/text.hpp"

namespace doctor::render {
namespace {

using diagnosis::Problem;
using diagnosis::Report;

constexpr std::array<std::string_view, 12> extensions{".yml", ".yaml", ".conf", ".env", ".json", ".toml",
                                                      ".cfg", ".sql",  ".pem",  ".key", ".crt",  ".ini"};
constexpr std::array<std::string_view, 3> names{"Caddyfile", "Dockerfile", ".env"};

/// "db.example.com" and "postgres" are no files, "docker-compose.yml" and "nginx/site" are.
bool is_file_name(std::string_view text, const std::vector<std::string>& sources) {
  if (text.empty() || text.find("://") != std::string_view::npos || text.find(' ') != std::string_view::npos)
    return false;
  if (text.find('/') != std::string_view::npos || text.starts_with(".env")) return true;
  if (std::find(sources.begin(), sources.end(), text) != sources.end()) return true;
  if (std::find(names.begin(), names.end(), text) != names.end()) return true;
  return std::any_of(extensions.begin(), extensions.end(),
                     [text](std::string_view extension) { return text.ends_with(extension); });
}

/// "FILE:LINE", or "FILE:LINE:COLUMN", or "FILE".
std::optional<Location> read_place(std::string_view text, const std::vector<std::string>& sources) {
  std::array<int, 2> numbers{};  // as they stand, the last one first
  std::size_t count = 0;
  for (; count < numbers.size(); ++count) {
    const auto colon = text.rfind(':');
    const auto digits = colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
    if (digits.empty() || digits.size() > 7 || digits.find_first_not_of("0123456789") != std::string_view::npos) break;
    numbers.at(count) = std::stoi(std::string{digits});
    text = text.substr(0, colon);
  }
  if (!is_file_name(text, sources)) return std::nullopt;
  return Location{std::string{text}, count == 0 ? 0 : numbers.at(count - 1), true};
}

std::optional<Location> named(const Report& report, const Problem& problem) {
  std::optional<Location> whole_file;
  for (const auto& item : problem.evidence) {
    for (const auto* text : {&item.source, &item.value}) {
      if (text == &item.value && item.name != "where" && item.name != "place") continue;
      auto place = read_place(*text, report.sources);
      if (place && place->line > 0) return place;
      if (place && !whole_file) whole_file = std::move(place);
    }
  }
  if (problem.subject.starts_with("file:")) return Location{problem.subject.substr(5), 0, true};
  return whole_file;
}

Location first_source(const Report& report) {
  for (const auto& source : report.sources)
    if (is_file_name(source, {})) return {source, 0, true};
  return {".env", 0, true};
}

bool is_below(const std::filesystem::path& relative) {
  return !relative.empty() && *relative.begin() != "..";
}

}  // namespace

std::string root_of(const Report& report, const Style& style) {
  const auto relative = std::filesystem::path{report.directory}.lexically_relative(style.root);
  return style.root.empty() || !is_below(relative) ? report.directory : style.root;
}

Location location_of(const Report& report, const Problem& problem, const Style& style) {
  auto place = named(report, problem).value_or(first_source(report));
  const std::filesystem::path directory{report.directory};
  const auto file = (directory / place.file).lexically_normal();
  const auto relative = file.lexically_relative(root_of(report, style));
  place.below = is_below(relative);
  place.file = util::shown(place.below ? relative.string() : file.string(), std::string::npos);
  return place;
}

std::string uri_path(const std::string& path) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view{"-._~/"}.find(c) != std::string_view::npos;
    if (plain)
      out += c;
    else
      out += {'%', hex[byte >> 4U], hex[byte & 0xFU]};
  }
  return out;
}

}  // namespace doctor::render
