#pragma once

#include <string>

#include "doctor/deadline.hpp"
#include "doctor/outcome.hpp"
#include "doctor/probe/network.hpp"
#include "probes/resolv_conf.hpp"

namespace doctor::probes {

/// Asks these name servers, and nobody else, for the A and AAAA records of a name, along the search list. The sockets
/// belong to the network namespace of the calling thread.
///
/// Failures have phase "resolve" and the first server as address: name_not_resolved with code NXDOMAIN, NODATA,
/// SERVFAIL, REFUSED, FORMERR, NOTIMP or ECONNREFUSED (nothing listens at the server); timed_out when no server
/// answers.
Outcome<ResolveAnswer> query_name(const ResolvConf& configuration, const std::string& name, const Deadline& deadline);

}  // namespace doctor::probes
