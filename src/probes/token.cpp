#include "probes/token.hpp"

#include <utility>

#include "formats/token.hpp"
#include "redact/secret_reader.hpp"
#include "util/text.hpp"

namespace doctor::probes {

Outcome<TokenAnswer> TokenProbe::ask(const TokenQuestion& question, const Deadline&) {
  const auto value = value_of_(question.setting);
  if (!value || util::trim(SecretReader::reveal(*value)).empty()) {
    ProbeFailure failure;
    failure.kind = FailureKind::not_found;
    failure.code = "unset";
    failure.detail = "the setting has no value";
    return Failed{std::move(failure)};
  }
  auto report = formats::read_token(SecretReader::reveal(*value), question.claims);
  TokenAnswer answer;
  answer.parts = report.parts;
  answer.problem = std::move(report.problem);
  answer.reason = std::move(report.reason);
  answer.algorithm = std::move(report.algorithm);
  for (auto& claim : report.claims)
    answer.claims.push_back({std::move(claim.name), std::move(claim.kind), std::move(claim.value)});
  return answer;
}

}  // namespace doctor::probes
