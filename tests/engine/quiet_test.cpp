// Containers in which nothing is wrong, examined again and again.

#include "lab/quiet.hpp"

#include "lab/docker_engine.hpp"
#include "support/catch.hpp"

namespace doctor::lab {

TEST_CASE("healthy containers stay silent, in the same words", "[engine][quiet]") {
  DockerStack stack;
  stack.up();
  const auto doctor = [&](const Arguments& arguments) { return stack.doctor(arguments); };
  expect_quiet(doctor, stack.directory().path(), healthy_runs(20));
}

}  // namespace doctor::lab
