#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "doctor/deployment.hpp"
#include "guides/entry.hpp"

namespace doctor::diagnosis {

/// A finding as the search for causes sees it.
struct Node {
  std::string code;
  std::string subject;
  const guides::Entry* entry = nullptr;
  std::size_t order = 0;        ///< of its check in the list: causes never come later than consequences
  bool is_about_files = false;  ///< of its check: only findings of such checks explain it
};

/// "service:chatalot" for "endpoint:chatalot:8080"; "" for what is no endpoint.
std::string service_of(const std::string& subject);

/// For each node the indexes of the roots that it follows from; empty for a root itself.
///
/// B follows from A when B's subject depends on A's and A's entry leads to B's code or entry: by default an error leads
/// to everything, a warning or an information to nothing. On one and the same subject only an entry that names B leads
/// to it. The list of checks runs from the ground up, so that a live fault never explains what is written in a file;
/// only an entry that is marked as an effect (a crash loop) may follow from what a later check found.
std::vector<std::vector<std::size_t>> causes(const std::vector<Node>& nodes, const Deployment& deployment);

}  // namespace doctor::diagnosis
