#include "lab/smoltbot_world.hpp"

#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "lab/world.hpp"

namespace doctor::lab {
namespace {

constexpr const char* hosts_file = "/etc/hosts";
constexpr const char* resolver_file = "/etc/resolv.conf";

std::string hosts() {
  const auto line = [](const std::string& address, const std::string& name) { return address + " " + name + "\n"; };
  return line("127.0.0.1", "localhost") + line(anthropic_address, "api.anthropic.com") +
         line(openai_address, "api.openai.com") + line(gemini_address, "generativelanguage.googleapis.com") +
         line(mnemom_address, "api.mnemom.ai") + line(cloudflare_address, "api.cloudflare.com");
}

/// A file of this namespace over one that everybody else keeps.
bool cover(const char* path, const std::string& text) {
  std::string file = "/tmp/doctor-lab-file-XXXXXX";
  const int descriptor = ::mkstemp(file.data());
  if (descriptor < 0) return false;
  ::fchmod(descriptor, 0644);
  ::close(descriptor);
  std::ofstream{file} << text;
  const bool covered = ::mount(file.c_str(), path, nullptr, MS_BIND, nullptr) == 0;
  ::unlink(file.c_str());
  return covered;
}

}  // namespace

std::string enter_smoltbot_world() {
  if (auto reason = enter_world(); !reason.empty()) return reason;
  if (!cover(hosts_file, hosts()) || !cover(resolver_file, ""))
    return "/etc/hosts and /etc/resolv.conf cannot be covered";
  return {};
}

void add_host(const std::string& address, const std::string& name) {
  std::ofstream{hosts_file, std::ios::app} << address << " " << name << "\n";
}

}  // namespace doctor::lab
