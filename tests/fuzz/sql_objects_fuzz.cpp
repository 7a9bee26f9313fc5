#include "doctor/format/sql_objects.hpp"

#include <algorithm>

#include "property.hpp"

using doctor::fuzz::require;

/// What a script of PostgreSQL creates.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = doctor::fuzz::text_of(data, size);
  const auto objects = doctor::formats::created_objects(text);
  require(objects.size() <= doctor::formats::most_sql_objects, "objects are bounded");
  for (const auto& object : objects) {
    const bool known = object.kind == "table" || object.kind == "index" || object.kind == "view" ||
                       object.kind == "sequence" || object.kind == "column";
    require(known, "the kind is known");
    require(!object.name.empty(), "an object has a name");
    require((object.kind == "column") == !object.column.empty(), "only a column has a column");
    require(object.name.size() <= 2 * text.size() + 8 && object.column.size() <= text.size(),
            "names are from the text");
  }
  const auto again = doctor::formats::created_objects(std::string{text} + "\n");
  require(text.size() >= doctor::formats::most_sql_bytes || again.size() >= objects.size(),
          "a line end changes nothing");
  return 0;
}
