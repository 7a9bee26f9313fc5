#include <algorithm>
#include <memory>
#include <string>

#include "bundle/collect_texts.hpp"
#include "deployment/compose.hpp"
#include "property.hpp"

using doctor::fuzz::require;

namespace {

bool anything(std::string_view) {
  return true;
}

auto lines(std::string_view text) {
  return std::count(text.begin(), text.end(), '\n');
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// What Docker Compose would still read from what is shown of a file whose every variable is secret.
void check_values(const std::string& shown) {
  for (const auto& entry : doctor::deployment::parse_dotenv(shown, ".env", {}).entries) {
    if (entry.name.starts_with("[redacted")) continue;  // what stands in place of a line
    const auto value = entry.value.value_or("");
    require(doctor::util::trim(value).empty() || holds(value, "[redacted:") || holds(value, "://"),
            "nothing is left of a secret value");
  }
}

}  // namespace

/// Configuration as it stands in a bundle.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = doctor::fuzz::text_of(data, size);
  const doctor::bundle::Values values{std::make_shared<const doctor::Deployment>(), anything, anything};
  const auto env = doctor::bundle::shown_env_file(text, values);
  require(lines(env) == lines(text), "an .env file keeps its lines");
  check_values(env);
  const auto yaml = doctor::bundle::shown_yaml(text, values);
  require(lines(yaml) == lines(text), "YAML keeps its lines");
  return 0;
}
