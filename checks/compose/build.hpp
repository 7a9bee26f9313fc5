#pragma once

#include <string>
#include <vector>

#include "doctor/check.hpp"
#include "doctor/format/dockerfile.hpp"

/// What the images that are built here need from their build context.
namespace doctor::checks::compose_build {

struct BuildFacts {
  std::string service;
  std::string dockerfile;  ///< as shown to the user
  Outcome<TextAnswer> text;
  formats::Dockerfile read;
  std::vector<formats::DockerfileSource> missing;
  std::vector<std::string> failures;  ///< why some could not be looked at
};

/// One for each Dockerfile and context. A service that has a container has its image, too.
std::vector<BuildFacts> observe(const Context& context);

/// The code is compose-build-source-missing.
void judge(const BuildFacts& facts, Judgement& out);

}  // namespace doctor::checks::compose_build
