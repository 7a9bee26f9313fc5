#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace doctor::formats {

inline constexpr std::size_t most_sql_bytes = 4 * 1024 * 1024;
inline constexpr std::size_t most_sql_objects = 1000;

/// Something that a script creates and that must not be there before.
struct SqlObject {
  std::string kind;    ///< "table", "index", "view", "sequence", "column"
  std::string name;    ///< of the relation, as to_regclass() of PostgreSQL takes it; of a column its table
  std::string column;  ///< of kind "column"
  friend bool operator==(const SqlObject&, const SqlObject&) = default;
};

/// What a script of PostgreSQL creates with CREATE TABLE, INDEX, VIEW or SEQUENCE and with ALTER TABLE ... ADD COLUMN.
/// Left out is what may be there already (IF NOT EXISTS, OR REPLACE), what is temporary, and what the script itself
/// drops or renames before. Reads words, quoted names, strings, dollar quotes and comments as PostgreSQL does
/// (manual, 4.1), and nothing inside of functions. Of a larger script the rest is not read. Never throws on bad input;
/// linear.
std::vector<SqlObject> created_objects(std::string_view sql);

}  // namespace doctor::formats
