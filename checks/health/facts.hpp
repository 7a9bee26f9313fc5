#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "doctor/check.hpp"

/// What `health` observes, and how its files share the work: questions.cpp asks, answers.cpp judges what was answered,
/// container.cpp compares it with what the health check of the container says.
namespace doctor::checks::health_check {

/// One request, and what was expected of its answer. Expectations about one page share the request.
struct RequestFacts {
  std::optional<std::size_t> direct;  ///< at the public address: the same request to the service itself
  std::string endpoint;               ///< subject
  std::string url;
  std::string vantage;
  std::string host;     ///< what was dialled
  std::string address;  ///< host and port
  Expectation expected;
  std::size_t number = 0;  ///< of the expectation in the description
  bool described = true;   ///< false: any answer but a server error is well
  std::string unseen;      ///< why nothing was asked; empty: it was
  std::string doubt;       ///< why a refusal says nothing; see Dial
  std::optional<Outcome<HttpAnswer>> answer;
};

/// What the Docker Engine says about the health of a container whose service was asked, too.
struct ContainerFacts {
  std::string service;
  std::string container;
  std::string endpoint;  ///< subject, of the service itself
  std::string health;
  std::string output;  ///< of the last run of the health check
};

struct Facts {
  std::vector<RequestFacts> requests;
  std::vector<ContainerFacts> containers;
};

Facts observe(const Context& context);

/// The answer to a request; only of one that was answered.
const HttpAnswer& answered(const RequestFacts& facts);

void judge_request(const RequestFacts& facts, Judgement& out);
void judge_containers(const Facts& facts, Judgement& out);

}  // namespace doctor::checks::health_check
