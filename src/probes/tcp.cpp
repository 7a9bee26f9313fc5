#include "probes/tcp.hpp"

#include "probes/transport.hpp"

namespace doctor::probes {

Outcome<TcpAnswer> TcpProbe::ask(const TcpQuestion& question, const Deadline& deadline) {
  if (question.vantage != host_vantage) return Failed{no_such_vantage(question.vantage)};
  const auto connection = dial(resolver_, question.host, question.port, deadline);
  if (!connection) return Failed{connection.error()};
  return TcpAnswer{connection->address, connection->took};
}

}  // namespace doctor::probes
