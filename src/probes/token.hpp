#pragma once

#include <functional>
#include <optional>
#include <string>

#include "doctor/probe/host.hpp"
#include "doctor/value.hpp"

namespace doctor::probes {

/// Takes the token of a setting apart. Only what TokenAnswer lists leaves it.
class TokenProbe final : public Probe<TokenQuestion> {
 public:
  using ValueOf = std::function<std::optional<Value>(const std::string& subject)>;
  explicit TokenProbe(ValueOf value_of) : value_of_{std::move(value_of)} {}
  Outcome<TokenAnswer> ask(const TokenQuestion& question, const Deadline& deadline) override;

 private:
  ValueOf value_of_;
};

}  // namespace doctor::probes
