#pragma once

#include <optional>
#include <string>

/// The WebSocket side of the lab's chatalot-server.
namespace chatalot {

struct Refusal {
  int status = 400;
  std::string text;
};

/// Why a request to /ws is not upgraded, with the application's texts; nothing: it is. `head` is the whole head of the
/// request, "GET /ws HTTP/1.1\r\n...".
std::optional<Refusal> websocket_refusal(const std::string& head);

/// Answers the handshake, waits ten seconds for the first message, answers it and drops the connection without a close
/// frame, as the application does whenever it does not know the token. `rest` is what came with the head.
void serve_websocket(int socket, const std::string& head, std::string rest);

}  // namespace chatalot
