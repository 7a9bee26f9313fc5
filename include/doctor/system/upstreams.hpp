#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "doctor/system/expectations.hpp"

// What a system description says about services outside the deployment. Part of doctor/system.hpp, which tells
// what `each_field` is for.

namespace doctor {

/// A header whose value is a setting of the service. Only the probe reveals it.
struct Credential {
  std::string header;  ///< "apikey", "Authorization"
  std::string prefix;  ///< "Bearer "; may be empty
  std::string setting;
};

template <class Field>
constexpr void each_field(Field&& field, Credential& credential) {
  field("header", credential.header);
  field("prefix", credential.prefix);
  field("setting", credential.setting);
}

/// A service outside the deployment that one of its services calls.
struct UpstreamRule {
  std::string id;       ///< "anthropic"; the subject is endpoint:SERVICE:ID
  std::string url;      ///< "https://api.anthropic.com"; empty: the value of `setting`
  std::string setting;  ///< holds the URL, and wins over `url` when it is set; may be empty
  /// Of the URL in `setting`: its ending `from` is replaced by `to` before it is used.
  std::string from;
  std::string to;
  std::string path;  ///< added to the URL, "/rest/v1/"; empty: nothing
  std::string when;  ///< a setting that must not be empty, or nothing is ever called; may be empty
  std::string
      unless_claim;     ///< "SETTING.claim": a true claim of that token makes the upstream dispensable; may be empty
  std::string without;  ///< a setting that must be empty, or nothing is ever called; may be empty
  std::string method = "HEAD";
  std::vector<Credential> credentials;  ///< sent to a host that a setting names; to a fixed `url` only with --deep
  std::vector<int> status;              ///< good ones; empty: any but 5xx and 407, since an answer is what matters
  std::vector<AnswerRule> answers;      ///< what certain answers mean; the first that fits is the verdict
  std::chrono::milliseconds timeout{5000};
  std::chrono::milliseconds slow{0};  ///< an answer that takes longer is slow; 0: any
};

template <class Field>
constexpr void each_field(Field&& field, UpstreamRule& rule) {
  field("id", rule.id);
  field("url", rule.url);
  field("setting", rule.setting);
  field("from", rule.from);
  field("to", rule.to);
  field("path", rule.path);
  field("when", rule.when);
  field("without", rule.without);
  field("unless_claim", rule.unless_claim);
  field("method", rule.method);
  field("credentials", rule.credentials);
  field("status", rule.status);
  field("answers", rule.answers);
  field("timeout", rule.timeout);
  field("slow", rule.slow);
}

}  // namespace doctor
