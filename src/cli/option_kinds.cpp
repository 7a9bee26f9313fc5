#include "cli/option_kinds.hpp"

#include "util/text.hpp"

namespace doctor::cli {

std::string environment_name(const std::string& long_name) {
  std::string name = "DOCTOR_";
  for (const char c : long_name.substr(long_name.find_first_not_of('-')))
    name += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return name;
}

std::chrono::milliseconds duration_from(const std::string& text) {
  const auto end = text.find_first_not_of("0123456789");
  const auto unit = end == std::string::npos ? std::string{} : text.substr(end);
  const int factor = unit == "ms"  ? 1
                     : unit == "s" ? 1000
                     : unit == "m" ? 60000
                     : unit == "h" ? 3600000
                     : unit == "d" ? 86400000
                                   : 0;
  if (factor == 0 || end == 0 || end > 6)
    throw CLI::ValidationError("'" + util::shown(text, 40) + "' is not a duration such as 500ms, 10s, 2m or 3h");
  const std::chrono::milliseconds span{std::stol(text.substr(0, end)) * factor};
  if (span.count() == 0) throw CLI::ValidationError("a duration must be longer than nothing");
  return span;
}

std::string duration_text(std::chrono::milliseconds span) {
  const auto count = span.count();
  if (count % 60000 == 0) return std::to_string(count / 60000) + "m";
  return count % 1000 == 0 ? std::to_string(count / 1000) + "s" : std::to_string(count) + "ms";
}

CLI::Option* list(CLI::App& app, const std::string& name, std::vector<std::string>& value,
                  const std::string& description) {
  return option(app, name, value, description)->delimiter(',')->allow_extra_args(false);
}

CLI::Option* repeated(CLI::App& app, const std::string& name, std::vector<std::string>& value,
                      const std::string& description) {
  return option(app, name, value, description)->allow_extra_args(false);
}

CLI::Option* flag(CLI::App& app, const std::string& name, bool& value, const std::string& description) {
  return app.add_flag(name, value, description)->envname(environment_name(name.substr(name.find("--"))));
}

namespace {

/// What is wrong is said with the name of the option.
std::chrono::milliseconds duration_of(const std::string& name, const std::string& text) {
  try {
    return duration_from(text);
  } catch (const CLI::ValidationError& problem) {
    throw CLI::ValidationError(name, problem.what());
  }
}

}  // namespace

CLI::Option* duration(CLI::App& app, const std::string& name, std::chrono::milliseconds& value,
                      const std::string& description) {
  return app
      .add_option_function<std::string>(
          name, [&value, name](const std::string& text) { value = duration_of(name, text); }, description)
      ->envname(environment_name(name))
      ->type_name("DURATION")
      ->default_str(value.count() == 0 ? "" : duration_text(value));
}

}  // namespace doctor::cli
