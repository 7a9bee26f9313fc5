#include "lab/chatalot_log.hpp"

#include <array>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <sstream>
#include <string>

namespace chatalot {
namespace {

std::string_view colour_of(std::string_view level) {
  if (level == "ERROR") return "31";
  return level == " WARN" ? "33" : "32";
}

}  // namespace

void log(std::string_view level, std::string_view target, std::string_view text) {
  const char* filter = std::getenv("RUST_LOG");
  if (filter != nullptr && *filter == '\0' && level != "ERROR") return;
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  tm parts{};
  ::gmtime_r(&now.tv_sec, &parts);
  std::array<char, 32> date{};
  std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::ostringstream line;
  line << "\x1b[2m" << date.data() << '.' << std::to_string(1000000 + now.tv_nsec / 1000).substr(1) << "Z\x1b[0m \x1b["
       << colour_of(level) << 'm' << level << "\x1b[0m \x1b[2m" << target << "\x1b[0m\x1b[2m:\x1b[0m " << text << '\n';
  std::cout << line.str() << std::flush;
}

}  // namespace chatalot
