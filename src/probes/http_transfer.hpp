#pragma once

#include "doctor/probe/network.hpp"
#include "probes/http_tls.hpp"
#include "probes/http_url.hpp"
#include "probes/transport.hpp"

namespace doctor::probes {

/// One request over a connected socket: TLS within 5 s, then the answer within the question's limit, both absolute.
/// `store` may be null for a URL without TLS. `took` and `waited` are left to the caller.
Outcome<HttpAnswer> transfer(const HttpQuestion& question, const HttpUrl& url, Connection connection, X509_STORE* store,
                             const Deadline& deadline);

}  // namespace doctor::probes
