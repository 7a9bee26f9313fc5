#pragma once

#include <cstddef>
#include <vector>

#include "bundle/hidden_hosts.hpp"
#include "bundle/manifest.hpp"
#include "probes/recorder.hpp"
#include "redact/redactor.hpp"

namespace doctor::bundle {

struct RedactedTape {
  probes::Tape tape;
  std::vector<Missing> missing;  ///< answers that it does not have, and why
};

/// The tape as it goes into a bundle: every text of questions and answers redacted by itself, so that a question that
/// is asked of the redacted deployment finds its answer. Its document has at most `most_bytes`: the largest answers are
/// left out. Questions that become one and have different answers lose both, since a wrong answer is worse than none.
/// Hosts are hidden when there is a `hosts`.
RedactedTape redacted(const probes::Tape& tape, const redact::Redactor& redactor,
                      std::size_t most_bytes = probes::Tape::most_bytes, const HiddenHosts* hosts = nullptr);

}  // namespace doctor::bundle
