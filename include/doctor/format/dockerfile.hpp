#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/format/config_files.hpp"

/// Dockerfiles, as far as they say what a build takes from its context (Dockerfile reference, docs.docker.com).
namespace doctor::formats {

/// A file or directory of the build context that COPY or ADD names.
struct DockerfileSource {
  std::string path;  ///< relative to the context, without ".", ".." and slashes at its ends; never empty
  int line = 0;      ///< of the instruction
};

struct Dockerfile {
  std::vector<DockerfileSource> sources;  ///< of the stages that the last one needs, in their order
  std::optional<ConfigProblem> refused;   ///< it is past the bounds
};

/// At most 4 MB, 100,000 lines and 1,000 stages. Comments, continuation lines, the escape directive, heredocs and the
/// JSON form are understood. Left out is what cannot be judged without running the build: paths with variables or
/// wildcards, URLs, copies --from other stages or images, and ONBUILD. Linear in the text; never throws.
Dockerfile read_dockerfile(std::string_view text, const std::string& file);

}  // namespace doctor::formats
