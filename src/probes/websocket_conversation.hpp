#pragma once

#include <string>

#include "doctor/deadline.hpp"
#include "doctor/outcome.hpp"
#include "doctor/probe/websocket.hpp"
#include "probes/http_url.hpp"
#include "probes/tls_client.hpp"

namespace doctor::probes {

/// The handshake and what comes after it, over a connected stream. 5 s for the handshake, then the question's `listen`.
Outcome<WebSocketAnswer> converse(const WebSocketQuestion& question, const HttpUrl& url, TlsStream& stream,
                                  const Deadline& deadline);

}  // namespace doctor::probes
