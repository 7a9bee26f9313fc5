#pragma once

#include <iosfwd>
#include <memory>
#include <string>

#include "redact/redactor.hpp"

namespace doctor::cli {

/// The debug log of -v on standard error. Every line goes through the redactor first.
class DebugLog {
 public:
  DebugLog(int verbosity, const redact::Redactor& redactor, std::ostream& err);
  ~DebugLog();
  DebugLog(const DebugLog&) = delete;
  DebugLog& operator=(const DebugLog&) = delete;

  void debug(const std::string& text);

 private:
  struct Logger;
  std::unique_ptr<Logger> logger_;
};

}  // namespace doctor::cli
