#include "cli/shop.hpp"

namespace doctor::lab {

Shop::Shop() : Shop{free_port()} {}

Shop::Shop(std::uint16_t port) : port_{port} {
  directory_.write("doctor.yaml", R"(system:
  name: shop
  services:
    shop:
      port: 3000
      settings:
        SHOP_LICENSE: {required: true, secret: true}
      expect:
        - {http: /health, status: [200]}
)");
  directory_.write(".env", "SHOP_LICENSE=abcdefgh12345678\n", 0600);
}

Arguments Shop::command(const Arguments& more) const {
  Arguments arguments{
      doctor_binary(),     "check", directory_.path(), "--url", "shop=http://127.0.0.1:" + std::to_string(port_),
      "--allow-incomplete"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

}  // namespace doctor::lab
