#pragma once

#include <array>
#include <string_view>

/// The published JSON Schemas, docs/json-schema/*-v1.json, which are compiled in.
namespace doctor::cli {

struct Schema {
  std::string_view name;   ///< as `doctor schema` takes it: "report"
  std::string_view title;  ///< what documents say in "schema": "doctor-report/v1"
  std::string_view about;  ///< whose documents, a few words
  std::string_view text;   ///< the whole file
};

constexpr std::size_t schema_count = 4;

/// In the order in which they are listed.
std::array<Schema, schema_count> schemas();

}  // namespace doctor::cli
