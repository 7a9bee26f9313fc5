#pragma once

#include <string>
#include <vector>

#include "doctor/check.hpp"

/// The tables that a database must have, for the checks of the database and of what stands in front of it.
namespace doctor {

/// Texts as one parameter of the type text[].
std::string array_of(const std::vector<std::string>& texts);

/// Those of `tables` ("agents", "app.jobs") that do not exist as the login sees it. Reads the catalogue only: no right
/// to the tables is needed. Fails as PostgresRowsQuestion does.
Outcome<std::vector<std::string>> ask_missing_tables(const Context& context, const DataSource& source,
                                                     const std::vector<std::string>& tables);

}  // namespace doctor
