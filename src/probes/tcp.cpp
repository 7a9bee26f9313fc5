#include "probes/tcp.hpp"

#include "probes/transport.hpp"

namespace doctor::probes {

Outcome<TcpAnswer> TcpProbe::ask(const TcpQuestion& question, const Deadline& deadline) {
  return vantages_.at<TcpAnswer>(question.vantage, [&](Resolver& resolver) -> Outcome<TcpAnswer> {
    const auto connection = dial(resolver, question.host, question.port, deadline);
    if (!connection) return Failed{connection.error()};
    return TcpAnswer{connection->address, connection->took};
  });
}

Outcome<ResolveAnswer> ResolveProbe::ask(const ResolveQuestion& question, const Deadline& deadline) {
  return vantages_.at<ResolveAnswer>(question.vantage,
                                     [&](Resolver& resolver) { return resolver.resolve(question.name, deadline); });
}

}  // namespace doctor::probes
