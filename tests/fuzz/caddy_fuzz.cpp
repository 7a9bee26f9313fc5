#include "doctor/format/caddy.hpp"

#include "property.hpp"

using doctor::fuzz::require;

/// Caddyfiles. An import gives the input itself.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace doctor::formats;
  const auto text = doctor::fuzz::text_of(data, size);
  std::size_t reads = 0;
  ConfigFiles files;
  files.read = [&](const std::string&) -> doctor::Outcome<std::string> {
    require(++reads <= most_config_files, "at most 500 files are read");
    return std::string{text};
  };
  const auto config = read_caddy("/etc/caddy/Caddyfile", files);
  if (config.refused) {
    require(doctor::fuzz::is_place(config.refused->place.line, config.refused->place.column), "a problem has a place");
    require(doctor::fuzz::is_printable(config.refused->reason), "a reason can be shown");
    return 0;
  }
  std::size_t looked_at = 0;
  for (const int site : config.directives.front().children) {
    if (++looked_at > 8) break;
    caddy_hosts(config, site);
    for (const auto* path : {"/", "/ws"}) caddy_route(config, site, path, true);
  }
  caddy_size(text.substr(0, 40));
  return 0;
}
