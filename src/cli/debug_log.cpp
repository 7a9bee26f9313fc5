#include "cli/debug_log.hpp"

#include <ostream>

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include "util/text.hpp"

// The only file that includes spdlog.
namespace doctor::cli {

struct DebugLog::Logger {
  Logger(int verbosity, const redact::Redactor& redactor_, std::ostream& err)
      : redactor{redactor_}, log{"doctor", std::make_shared<spdlog::sinks::ostream_sink_mt>(err)} {
    log.set_pattern("%H:%M:%S.%e %v");
    log.set_level(verbosity > 0 ? spdlog::level::debug : spdlog::level::off);
  }
  const redact::Redactor& redactor;
  spdlog::logger log;
};

DebugLog::DebugLog(int verbosity, const redact::Redactor& redactor, std::ostream& err)
    : logger_{std::make_unique<Logger>(verbosity, redactor, err)} {}

DebugLog::~DebugLog() = default;

void DebugLog::debug(const std::string& text) {
  if (logger_->log.should_log(spdlog::level::debug))
    logger_->log.debug("{}", util::shown(logger_->redactor.redact(text), 1000));
}

}  // namespace doctor::cli
