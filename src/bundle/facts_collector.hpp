#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bundle/facts.hpp"

/// Collecting of facts, shared by the files that know where they come from.
namespace doctor::bundle {

class FactCollector {
 public:
  /// A fact without a value is none.
  void add(const std::string& subject, const std::string& name, const std::string& value);
  void add_volatile(const std::string& subject, const std::string& name, const std::string& value);

  /// What follows was asked of somebody.
  void answers() { is_answer_ = true; }

  /// Sorted; several values under one name are one fact, which lists them.
  std::vector<Fact> sorted() &&;

 private:
  std::vector<Fact> facts_;
  bool is_answer_ = false;
};

std::string yes_or_no(bool value);
std::string number_text(std::uint64_t value);  ///< "" for 0, which stands for nothing in these structs
std::string time_text(std::int64_t seconds);   ///< likewise

/// What the deployment itself says.
void collect_from_deployment(const Deployment& deployment, FactCollector& facts);
/// What the answers on the tape say.
void collect_from_tape(const Deployment& deployment, const probes::Tape& tape, FactCollector& facts);

/// The subject of a file on the host.
std::string file_subject(const Deployment& deployment, const std::string& path);
/// The subject of the endpoint that a host and port belong to, as the deployment knows it; "endpoint:HOST:PORT" for any
/// other.
std::string endpoint_subject(const Deployment& deployment, const std::string& host, std::uint16_t port);

}  // namespace doctor::bundle
