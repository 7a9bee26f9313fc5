#pragma once

#include <string>
#include <vector>

#include "deployment/discover.hpp"

/// What is wrong with the files of a deployment beyond what their readers see.
namespace doctor::deployment {

struct ProblemSources {
  const Deployment* deployment = nullptr;   ///< filled in but for `problems`
  const ComposeProject* compose = nullptr;  ///< nullptr: there is no compose file
  const Dotenv* dotenv = nullptr;
  const Sources* sources = nullptr;
  const std::vector<FoundVolume>* volumes = nullptr;  ///< all of the Engine's
};

std::vector<FileProblem> find_problems(const ProblemSources& sources);

/// The problem of an .env file that exists and could not be read.
FileProblem unreadable_env_file(const std::string& file, const ProbeFailure& failure);

}  // namespace doctor::deployment
