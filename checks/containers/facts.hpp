#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "doctor/check.hpp"

/// What `containers` observes, and how its files share the work: questions.cpp asks, state.cpp judges whether
/// containers run, resources.cpp what they use and what they were made from.
namespace doctor::checks::containers_check {

/// A service that is meant to run in a container.
struct ServiceFacts {
  Service service;
  bool waits = false;                      ///< Compose holds it back until something that it depends on is healthy
  std::optional<Outcome<LogsAnswer>> log;  ///< only of a container in trouble
  std::optional<Outcome<ContainerUsageAnswer>> usage;  ///< only of a running one
  std::optional<Outcome<TextAnswer>> history;          ///< the reflog of the source that its image is built from
};

struct Facts {
  bool engine_asked = false;  ///< false: nothing is known of containers
  std::string project;
  std::string compose_file;
  std::optional<Outcome<ClockAnswer>> clock;  ///< without it no age is known, and nothing is judged
  std::int64_t now = 0;
  std::vector<ServiceFacts> services;
  std::vector<Volume> volumes;
  std::string docker_path;  ///< where the Engine keeps its data; "" when not known
  std::optional<Outcome<EngineUsageAnswer>> engine;
  std::optional<Outcome<FileSystemAnswer>> docker_disk;
  std::optional<Outcome<MemoryAnswer>> memory;  ///< only when an image is still to be built
};

Facts observe(const Context& context);

/// A container that ends again and again, whatever its state at this moment.
bool restarts_in_a_loop(const Container& container, std::int64_t now);

/// A service that has done its work and ended: nothing is wrong with a container that is exited.
bool is_finished_job(const Service& service);

void judge_states(const Facts& facts, Judgement& out);
void judge_resources(const Facts& facts, Judgement& out);

}  // namespace doctor::checks::containers_check
