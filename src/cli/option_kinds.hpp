#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

/// The kinds of options that commands are made of. Each can be given as a flag, as a variable DOCTOR_* and below
/// `options:` of a doctor.yaml. Only options*.cpp and option_kinds.cpp include this: nothing else sees CLI11.
namespace doctor::cli {

/// "--fail-on" -> "DOCTOR_FAIL_ON".
std::string environment_name(const std::string& long_name);

/// 500ms, 10s, 2m, 3h, 7d. Throws CLI::ValidationError.
std::chrono::milliseconds duration_from(const std::string& text);

/// The same backwards.
std::string duration_text(std::chrono::milliseconds span);

/// One value. `name` may have a short form before the long one: "-o,--output".
template <class T>
CLI::Option* option(CLI::App& app, const std::string& name, T& value, const std::string& description) {
  return app.add_option(name, value, description)->envname(environment_name(name.substr(name.find("--"))));
}

/// Several values: with commas between them, or the option repeated.
CLI::Option* list(CLI::App& app, const std::string& name, std::vector<std::string>& value,
                  const std::string& description);

/// Several values that may hold commas: the option is repeated.
CLI::Option* repeated(CLI::App& app, const std::string& name, std::vector<std::string>& value,
                      const std::string& description);

CLI::Option* flag(CLI::App& app, const std::string& name, bool& value, const std::string& description);

CLI::Option* duration(CLI::App& app, const std::string& name, std::chrono::milliseconds& value,
                      const std::string& description);

}  // namespace doctor::cli
