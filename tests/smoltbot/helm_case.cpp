#include "smoltbot/helm_case.hpp"

#include <ctime>
#include <stdexcept>

#include "lab/smoltbot_lab.hpp"
#include "support/places.hpp"

namespace doctor::lab {
namespace {

constexpr std::time_t year = 365L * 24 * 60 * 60;

std::string chart_file(const std::string& name) {
  return read_file(doctor::test::source_path("tests/smoltbot/helm/" + name));
}

/// RFC 4648, section 4.
std::string base64(const std::string& text) {
  static constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += 3) {
    unsigned bits = 0;
    for (std::size_t i = 0; i < 3; ++i)
      bits = bits << 8U | (at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i) out += at + i > text.size() ? '=' : digits[bits >> (18 - 6 * i) & 63U];
  }
  return out;
}

/// Values of the release that tell nothing about anybody.
bool is_open(const std::string& name) {
  return name == "SUPABASE_URL" || name == "REDIS_URL";
}

}  // namespace

HelmCase::HelmCase() : text_{chart_file("rendered.yaml")} {
  directory_.write("Chart.yaml", chart_file("Chart.yaml"));
  directory_.write("values.yaml", chart_file("values.yaml"));
  secret("SUPABASE_URL", "https://abcdefghijklmnopqrst.supabase.co");
  secret("SUPABASE_KEY", token({{"iss", "supabase"},
                                {"ref", "abcdefghijklmnopqrst"},
                                {"role", "service_role"},
                                {"exp", std::time(nullptr) + 10 * year}}));
  secret("ANTHROPIC_API_KEY", "sk-ant-api03-" + random_alphanumeric(40));
  secret("MNEMOM_LICENSE_JWT", token({{"license_id", "lic_" + random_hex(8)}, {"exp", std::time(nullptr) + year}}));
  secret("REDIS_URL", "redis://smoltbot-redis:6379");
  secret("DATABASE_URL", "postgres://mnemom:" + random_alphanumeric(24) + "@db.example.com:5432/mnemom");
}

HelmCase& HelmCase::corrected() {
  edit_values("redis:\n  enabled: true", "redis:\n  enabled: false");
  edit_values("postgresql:\n  enabled: true", "postgresql:\n  enabled: false");
  secret("SUPABASE_JWT_SECRET", random_alphanumeric(40));
  edit("    # Redis\n",
       "    # The release's own pods\n    - ports:\n        - protocol: TCP\n          port: 8787\n    # Redis\n");
  const auto job = text_.find("---\n# Source: mnemom-gateway/templates/migration-job.yaml");
  text_.erase(job);
  const auto observer = text_.find("- name: observer\n");
  const auto probes = text_.find("          livenessProbe:", observer);
  text_.erase(probes, text_.find("          resources:", probes) - probes);
  return *this;
}

HelmCase& HelmCase::secret(const std::string& name, const std::string& value) {
  if (!is_open(name)) secrets_.add(value);
  values_[name] = value;
  return *this;
}

HelmCase& HelmCase::edit(const std::string& from, const std::string& to) {
  replace(text_, from, to);
  return *this;
}

HelmCase& HelmCase::edit_behind(const std::string& after, const std::string& from, const std::string& to) {
  const auto start = text_.find(after);
  const auto found = start == std::string::npos ? start : text_.find(from, start);
  if (found == std::string::npos) throw std::runtime_error("the rendered chart has no such text: " + from);
  text_.replace(found, from.size(), to);
  return *this;
}

HelmCase& HelmCase::add(const std::string& document) {
  text_ += "---\n" + document;
  return *this;
}

HelmCase& HelmCase::edit_values(const std::string& from, const std::string& to) {
  auto text = directory_.read("values.yaml");
  replace(text, from, to);
  directory_.write("values.yaml", text);
  return *this;
}

std::string HelmCase::rendered() const {
  std::string data;
  for (const auto& [name, value] : values_)
    if (!value.empty()) data += "  " + name + ": \"" + base64(value) + "\"\n";
  auto text = text_;
  const auto start = text.find("  SUPABASE_URL: \"@");
  const auto end = text.find("---\n", start);
  return text.replace(start, end - start, data);
}

Result HelmCase::check(const Arguments& arguments) const {
  directory_.write("rendered.yaml", rendered());
  return lab::check(directory_.path(), secrets_, arguments);
}

}  // namespace doctor::lab
