#pragma once

#include <optional>
#include <string>

#include "lab/chatalot_database.hpp"

/// What the lab's chatalot-server does for its users and by its clock, as far as it can go wrong: each really tries,
/// and writes the application's own line when it fails.
namespace chatalot {

/// The status of the answer; nothing: the path is none of these.
///   POST /api/files/upload, GET /api/files/ID, GET /api/files/ID/thumbnail, DELETE /api/admin/users/ID,
///   POST /api/auth/login (always a wrong password), GET /api/gifs/search, POST /api/feedback
/// and what the clock would start: POST /lab/gc, POST /lab/orphans. GIPHY and GitHub are at the port of loopback that
/// LAB_GIPHY and LAB_GITHUB say.
std::optional<int> chore(const std::string& method, const std::string& path, Pool& pool);

}  // namespace chatalot
