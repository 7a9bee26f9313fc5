#include "cli/hanging.hpp"

#include <chrono>
#include <thread>

namespace doctor::lab {

Hanging::Hanging() : server_{test::silent()} {
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

Arguments Hanging::command(const Arguments& more) const {
  Arguments arguments{doctor_binary(), "check", directory_.path(), "--url",
                      "shop=http://127.0.0.1:" + std::to_string(server_.port())};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

bool Hanging::is_asked(int before) const {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while (connections() <= before && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  return connections() > before;
}

}  // namespace doctor::lab
