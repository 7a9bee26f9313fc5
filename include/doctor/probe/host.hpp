#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/probe/question.hpp"

namespace doctor {

/// Who listens on a TCP port of the host, from /proc. Without the right to see a process its pid is 0.
struct Listener {
  std::string address;  ///< "0.0.0.0", "::", "127.0.0.1"
  int pid = 0;
  std::string process;    ///< command name, "nginx"
  std::string exe;        ///< path of its program; may be empty
  std::string container;  ///< container id when the process belongs to one; may be empty
  std::uint32_t uid = 0;
};
struct ListenersAnswer {
  std::vector<Listener> listeners;
};
struct ListenersQuestion {
  static constexpr std::string_view probe = "listeners";
  using Answer = ListenersAnswer;
  std::uint16_t port = 0;
};

/// The time on this host, seconds since 1970 (UTC).
struct ClockAnswer {
  std::int64_t now = 0;
};
struct ClockQuestion {
  static constexpr std::string_view probe = "clock";
  using Answer = ClockAnswer;
  std::string moment{};  ///< answers are remembered: what is asked at another moment needs a name of its own
};

/// How the kernel keeps its clock (adjtimex(2)).
struct TimeKeepingAnswer {
  bool synchronised = false;            ///< the kernel believes that its clock is disciplined
  std::int64_t error_microseconds = 0;  ///< the kernel's largest estimate of its error
};
struct TimeKeepingQuestion {
  static constexpr std::string_view probe = "time-keeping";
  using Answer = TimeKeepingAnswer;
};

/// Memory of this host, in bytes (/proc/meminfo).
struct MemoryAnswer {
  std::uint64_t total = 0;
  std::uint64_t available = 0;
  std::uint64_t swap_total = 0;
  std::uint64_t swap_free = 0;
};
struct MemoryQuestion {
  static constexpr std::string_view probe = "memory";
  using Answer = MemoryAnswer;
};

/// A closed question about the value of a setting, secret or not. `predicate` is one of
///   empty                    nothing, or blanks only
///   example                  equal to, or containing, one of the rule's examples
///   well-formed              has the rule's form; `reason` says what is wrong, without the value
///   strong                   has the rule's least length and form; `reason` says why not
///   allowed                  one of the rule's allowed values
///   url-safe                 can be pasted into a URL as it is; `reason` lists the classes of characters that break it
///   agrees-with              equal to the setting `other` (a subject)
///   applied                  what the files say now equals what the running process has
///   reaches-as-written       what .env says under this name equals what the process gets
///   opens                    it is the key of every value that the query `other` gives (first column, hexadecimal) in
///                            the database of the setting's service: nonce, ciphertext and tag of ChaCha20-Poly1305
///                            (RFC 8439) under the SHA-256 of the setting. The values go no further than the probe, and
///                            only their tags are computed. `reason` tells how many do not fit
///   refused                  one of the patterns of the rule's `refuses` matches; `reason` is that pattern's index
struct SecretAnswer {
  bool holds = false;
  std::string reason;  ///< why it does not hold; never the value or a part of it
};
struct SecretQuestion {
  static constexpr std::string_view probe = "secret";
  using Answer = SecretAnswer;
  std::string setting;  ///< subject
  std::string predicate;
  std::string other;
};

/// One claim of a token.
struct TokenClaim {
  std::string name;
  std::string kind;   ///< "string", "number", "boolean", "object", "array", "null"
  std::string value;  ///< only of the registered times exp, nbf and iat, and of claims that the question names
};

/// The JSON Web Token (RFC 7519, in the compact form of RFC 7515) that a setting holds, as far as it may be seen. Its
/// signature is not looked at, and no part of the text itself leaves the probe.
struct TokenAnswer {
  int parts = 0;          ///< that dots separate; three in a good one
  std::string problem;    ///< "parts", "blanks", "quotes", "encoding", "json"; empty: it can be read
  std::string reason;     ///< the problem in words, without the value
  std::string algorithm;  ///< of the header, "HS256"
  std::vector<TokenClaim> claims;
};
struct TokenQuestion {
  static constexpr std::string_view probe = "token";
  using Answer = TokenAnswer;
  std::string setting;              ///< subject
  std::vector<std::string> claims;  ///< whose values are wanted, none of them secret; at most 100 characters each
};

template <class Field>
constexpr void each_field(Field&& field, Listener& listener) {
  field("address", listener.address);
  field("pid", listener.pid);
  field("process", listener.process);
  field("exe", listener.exe);
  field("container", listener.container);
  field("uid", listener.uid);
}
template <class Field>
constexpr void each_field(Field&& field, ListenersAnswer& answer) {
  field("listeners", answer.listeners);
}
template <class Field>
constexpr void each_field(Field&& field, ListenersQuestion& question) {
  field("port", question.port);
}
template <class Field>
constexpr void each_field(Field&& field, ClockAnswer& answer) {
  field("now", answer.now);
}
template <class Field>
constexpr void each_field(Field&& field, ClockQuestion& question) {
  field("moment", question.moment);
}
template <class Field>
constexpr void each_field(Field&& field, TimeKeepingAnswer& answer) {
  field("synchronised", answer.synchronised);
  field("error_microseconds", answer.error_microseconds);
}
template <class Field>
constexpr void each_field(Field&&, TimeKeepingQuestion&) {}
template <class Field>
constexpr void each_field(Field&& field, MemoryAnswer& answer) {
  field("total", answer.total);
  field("available", answer.available);
  field("swap_total", answer.swap_total);
  field("swap_free", answer.swap_free);
}
template <class Field>
constexpr void each_field(Field&&, MemoryQuestion&) {}
template <class Field>
constexpr void each_field(Field&& field, SecretAnswer& answer) {
  field("holds", answer.holds);
  field("reason", answer.reason);
}
template <class Field>
constexpr void each_field(Field&& field, SecretQuestion& question) {
  field("setting", question.setting);
  field("predicate", question.predicate);
  field("other", question.other);
}

template <class Field>
constexpr void each_field(Field&& field, TokenClaim& claim) {
  field("name", claim.name);
  field("kind", claim.kind);
  field("value", claim.value);
}
template <class Field>
constexpr void each_field(Field&& field, TokenAnswer& answer) {
  field("parts", answer.parts);
  field("problem", answer.problem);
  field("reason", answer.reason);
  field("algorithm", answer.algorithm);
  field("claims", answer.claims);
}
template <class Field>
constexpr void each_field(Field&& field, TokenQuestion& question) {
  field("setting", question.setting);
  field("claims", question.claims);
}

}  // namespace doctor
