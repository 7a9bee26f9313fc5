#include "doctor/format/pem.hpp"

#include <algorithm>
#include <array>

#include "property.hpp"

using doctor::fuzz::require;

namespace {

bool is_label(std::string_view label) {
  return label.size() <= 64 && std::all_of(label.begin(), label.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  std::string_view{" -+/."}.find(c) != std::string_view::npos;
         });
}

}  // namespace

/// The look at PEM files. The seeds hold filler bytes, no keys.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = doctor::fuzz::text_of(data, size);
  const auto report = doctor::formats::lint_pem(text);
  require(is_label(report.label), "a label has harmless characters only");
  require(doctor::fuzz::is_place(report.line, report.column), "a problem has a place");
  require(report.line <= 1 + std::count(text.begin(), text.end(), '\n'), "the line exists");
  require(doctor::fuzz::is_printable(report.problem) && report.problem.size() < 80, "a problem is a fixed phrase");
  require(!report.problem.empty() || report.blocks >= 1, "a file without problem has a block");
  require(!report.problem.empty() ||
              (text.find("-----BEGIN ") != std::string_view::npos && text.find("-----END ") != std::string_view::npos),
          "a block begins and ends");
  require(text.size() <= doctor::formats::most_pem_bytes || !report.problem.empty(), "more than 64 KB is refused");
  return 0;
}
