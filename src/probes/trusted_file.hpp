#pragma once

#include <cstdint>
#include <string>

#include <sys/stat.h>

#include "doctor/deadline.hpp"
#include "doctor/outcome.hpp"
#include "probes/helper.hpp"

namespace doctor::probes {

/// Why what others put there must not be followed: "belongs to another user", "can be written by everybody"; "" when
/// only root and the user of this process may write. In a folder with the sticky bit others cannot touch what is not
/// theirs.
std::string who_may_write(const struct stat& status);

/// A file that decides what doctor says, and who else could have written it.
struct TrustedFile {
  std::string refused;  ///< who else may write the file or its folder, links resolved; empty: nobody
  std::string bytes;    ///< of a file that is not refused
};

/// Owner and mode are those of the very file that is read. More than `most` bytes are too_large; what is no regular
/// file is a protocol_error, as in read_bytes().
Outcome<TrustedFile> read_trusted(Helper& helper, const std::string& path, std::uint64_t most,
                                  const Deadline& deadline);

}  // namespace doctor::probes
