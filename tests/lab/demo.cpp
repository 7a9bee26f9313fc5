// ./dev demo: a Chatalot-like deployment on this machine, three faults at once, and what doctor says about it.

#include <unistd.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "lab/lab.hpp"

namespace doctor::lab {
namespace {

struct Fault {
  const char* what;
  const char* entry;  ///< of the root that it must raise
};

constexpr std::array<Fault, 3> faults{{
    {"the role chatalot has another password than .env, and the server lost its sessions",
     "chatalot-database-auth-failed"},
    {"secrets/jwt_private.pem belongs to root, mode 0600; the server runs as another user",
     "chatalot-jwt-key-unreadable"},
    {"data/files belongs to root, so that no upload can be stored", "chatalot-storage-not-writable"},
}};

void break_it(ChatalotLab& lab) {
  lab.postgres().sql("ALTER ROLE chatalot PASSWORD 'the-password-of-the-old-volume'");
  lab.postgres().sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'chatalot'");
  lab.directory().owner("secrets/jwt_private.pem", 0);
  lab.directory().owner("data/files", 0);
  lab.directory().mode("data/files", 0755);
}

/// `more` are further options of doctor check.
int show(const std::vector<std::string>& more) {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  std::cout << "A Chatalot-like deployment runs in " << lab.directory().path() << ": PostgreSQL on port "
            << lab.postgres().port() << ", chatalot-server (pid " << lab.pid() << ") on port " << lab.port()
            << ".\nThree things are now broken:\n";
  for (const auto& fault : faults) std::cout << "  - " << fault.what << "\n";
  break_it(lab);
  const std::string colour = ::isatty(STDOUT_FILENO) == 1 ? "always" : "never";
  std::vector<std::string> arguments{"check", lab.directory().path()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  std::cout << "\n$ doctor";
  for (const auto& argument : arguments) std::cout << ' ' << argument;
  std::cout << "\n\n" << std::flush;
  arguments.insert(arguments.begin(), {doctor_binary()});
  if (std::find(more.begin(), more.end(), "--color") == more.end())
    arguments.insert(arguments.end(), {"--color", colour});
  const auto result = run(arguments);
  std::cout << result.out << result.err << "\n(exit code " << result.exit << "; everything is stopped again)\n";
  for (const auto& fault : faults) {
    if (result.out.find(fault.entry) != std::string::npos) continue;
    std::cerr << "demo: the report does not name " << fault.entry << "\n";
    return 1;
  }
  return result.exit == 1 ? 0 : 1;
}

}  // namespace
}  // namespace doctor::lab

int main(int argc, char** argv) {
  if (!doctor::lab::is_root()) {
    std::cerr << "demo: the lab gives files and processes to other users; run it as root, or with sudo\n";
    return 1;
  }
  try {
    return doctor::lab::show({argv + 1, argv + argc});
  } catch (const std::runtime_error& error) {
    std::cerr << "demo: " << error.what() << "\n";
    return 1;
  }
}
