#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace doctor {

/// Why a probe has no value. The list is closed: every errno, SQLSTATE and library code is mapped to one of
/// these in src/probes, once.
enum class FailureKind {
  refused,            ///< nothing listens there, or the host said so
  timed_out,          ///< the deadline of the probe passed without an answer
  name_not_resolved,  ///< the name has no address
  unreachable,        ///< no route to the host or the network
  tls_rejected,       ///< the TLS handshake or the certificate check failed
  auth_rejected,      ///< the other side knows who asks and says no
  protocol_error,     ///< the other side speaks something else, or breaks its own protocol
  permission_denied,  ///< doctor itself may not look
  not_found,          ///< the file, process or object does not exist
  too_large,          ///< the answer is past the bound of its parser
  cancelled,          ///< the run was stopped
  not_recorded        ///< a replay has no answer to this question
};

std::string_view to_string(FailureKind kind);
/// Throws std::invalid_argument for an unknown word.
FailureKind failure_kind_from(std::string_view word);
inline void from_word(std::string_view word, FailureKind& kind) {
  kind = failure_kind_from(word);
}

/// A failed probe. Every text in it is safe to print: no secret, no control character.
struct ProbeFailure {
  FailureKind kind = FailureKind::protocol_error;
  std::string code;     ///< errno name, SQLSTATE or library code: "ECONNREFUSED", "28P01"; may be empty
  std::string detail;   ///< what happened, one short phrase
  std::string address;  ///< the address that was really tried, "127.0.0.1:5432"; may be empty
  std::string phase;    ///< "resolve", "connect", "tls", "login", "answer"; may be empty
  std::chrono::milliseconds waited{0};
};

template <class Field>
constexpr void each_field(Field&& field, ProbeFailure& failure) {
  field("kind", failure.kind);
  field("code", failure.code);
  field("detail", failure.detail);
  field("address", failure.address);
  field("phase", failure.phase);
  field("waited", failure.waited);
}

/// What a probe answers: the value, or the reason why there is none. A sick patient is an answer, not an error.
template <class T>
using Outcome = tl::expected<T, ProbeFailure>;

using Failed = tl::unexpected<ProbeFailure>;

}  // namespace doctor
