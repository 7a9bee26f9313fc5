#include "doctor/format/haproxy.hpp"

#include "property.hpp"

using doctor::fuzz::require;

/// haproxy.cfg.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace doctor::formats;
  const auto text = doctor::fuzz::text_of(data, size);
  const auto config = read_haproxy(text, "/h");
  if (config.refused) {
    require(doctor::fuzz::is_place(config.refused->place.line, config.refused->place.column), "a problem has a place");
    require(doctor::fuzz::is_printable(config.refused->reason), "a reason can be shown");
  }
  for (std::size_t i = 0; i < config.sections.size() && i < 8; ++i)
    for (const auto* path : {"/", "/ws"}) haproxy_route(config, i, path, true);
  haproxy_time(text.substr(0, 40));
  return 0;
}
