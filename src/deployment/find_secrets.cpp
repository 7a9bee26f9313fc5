#include "deployment/find_secrets.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "deployment/guess.hpp"
#include "deployment/secret_words.hpp"
#include "formats/kubernetes_reader.hpp"
#include "formats/yaml_tree.hpp"
#include "redact/key_values.hpp"
#include "redact/secret_reader.hpp"
#include "util/text.hpp"

namespace doctor::deployment {
namespace {

using formats::YamlNode;

constexpr std::size_t most_value = 64UL * 1024;
constexpr std::size_t most_name = 64;
constexpr std::size_t most_secrets = 5000;
constexpr std::size_t most_depth = 100;  // that of the reader

/// A name that may stand in a marker.
std::string marker_name(std::string_view name) {
  std::string out;
  for (const char c : name.substr(0, most_name)) {
    const bool kept =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
    out += kept ? c : '_';
  }
  return out.empty() ? "secret" : out;
}

bool is_certificate(std::string_view value) {
  return value.find("-----BEGIN ") != std::string_view::npos &&
         value.find("PRIVATE KEY-----") == std::string_view::npos;
}

bool is_yaml(const std::string& path) {
  return path.ends_with(".yml") || path.ends_with(".yaml");
}

class Finder {
 public:
  explicit Finder(const SecretSources& sources) : sources_{sources} {
    for (const auto& setting : sources.deployment->settings)
      if (setting.described && !setting.rule.secret) open_.insert(setting.name);
  }

  std::vector<FurtherSecret> find() {
    for (const auto& entry : sources_.dotenv->entries) pair(entry.name, entry.value.value_or(""));
    if (sources_.compose != nullptr) compose(*sources_.compose);
    for (const auto& path : sources_.deployment->files) file(path);
    for (const auto& environment : sources_.environments) of_environment(environment);
    for (const auto& arguments : sources_.arguments) secrets_of_words(arguments, take_);
    of_password_file(*sources_.shell);
    for (const auto& setting : sources_.deployment->settings) of_named_file(setting);
    for (const auto& service : sources_.deployment->services)
      for (const auto& mount : service.mounts)
        if (mount.kind == "secret" && !mount.source.empty()) content("secret", mount.source);
    return std::move(found_);
  }

 private:
  void take(const std::string& name, const std::string& value) {
    if (value.empty() || value.size() > most_value || found_.size() >= most_secrets) return;
    if (seen_.insert({name, value}).second) found_.push_back({marker_name(name), Value::secret(value)});
  }

  void pair(const std::string& name, const std::string& value) {
    if (open_.count(name) == 0 && is_secret_pair(name, value)) return take(name, value);
    secrets_of_urls(name, value, take_);
  }

  void of_environment(const Environment& environment) {
    for (const auto& [name, value] : environment) pair(name, value);
    of_password_file(environment);
  }

  // Compose

  void compose(const ComposeProject& project) {
    for (const auto& service : project.services) {
      for (const auto& variable : service.environment) {
        const auto value = variable.value.value_or("");
        if (variable.secret) take(variable.name, value);
        pair(variable.name, value);
      }
      for (const auto& [name, value] : service.service.labels) label(name, value);
      secrets_of_words(service.service.command, take_);
      secrets_of_words(service.service.entrypoint, take_);
      secrets_of_words(words_of_command(service.healthcheck), take_);
      for (const auto& path : service.env_files) env_file(path);
    }
    for (const auto& secret : project.secrets) {
      if (!secret.file.empty() && !secret.external) content(secret.name, secret.file);
      if (!secret.environment.empty()) take(secret.environment, variable(secret.environment));
    }
  }

  std::string variable(const std::string& name) const {
    if (const auto shell = sources_.shell->find(name); shell != sources_.shell->end()) return shell->second;
    const auto* entry = sources_.dotenv->find(name);
    return entry == nullptr ? std::string{} : entry->value.value_or("");
  }

  /// A label may be a setting, an address, or a list of logins (basicauth.users=user:hash).
  void label(const std::string& name, const std::string& value) {
    pair(name, value);
    if (!name.ends_with("basicauth.users")) return;
    for (const auto& login : util::split(value, ',')) {
      const auto colon = login.find(':');
      if (colon != std::string::npos) take(name, login.substr(colon + 1));
    }
  }

  // Files

  void file(const std::string& path) {
    const auto name = path.substr(path.rfind('/') + 1);
    if (is_yaml(name)) return yaml(path);
    if (name.starts_with(".env") || name.ends_with(".env")) env_file(path);
  }

  void env_file(const std::string& path) {
    if (!files_.insert(path).second) return;
    const auto text = sources_.read(path);
    if (!text) return;
    for (const auto& entry : parse_dotenv(*text, path, {}).entries) pair(entry.name, entry.value.value_or(""));
    for (const auto& line : util::split(*text, '\n')) comment(util::trim(line));
  }

  /// "# DB_PASSWORD=the one before" is a secret, too.
  void comment(std::string line) {
    if (!line.starts_with('#')) return;
    line = util::trim(line.substr(
        line.find_first_not_of("# \t") == std::string::npos ? line.size() : line.find_first_not_of("# \t")));
    const auto equals = line.find('=');
    if (equals == std::string::npos || line.find_first_of(" \t") < equals)
      return secrets_of_urls("url-password", line, take_);
    auto value = util::trim(line.substr(equals + 1));
    if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front())
      value = value.substr(1, value.size() - 2);
    pair(line.substr(0, equals), value);
  }

  void yaml(const std::string& path) {
    if (!files_.insert(path).second) return;
    const auto text = sources_.read(path);
    if (!text) return;
    formats::YamlBudget budget;
    for (const auto& document : formats::parse_yaml(*text, path, budget).documents) {
      const auto* kind = document.root.find("kind");
      if (kind != nullptr && kind->text == "Secret") cluster_secret(document.root);
      walk("", document.root, 0);
      if (const auto* secrets = document.root.find("secrets"))
        for (const auto& entry : secrets->entries)
          if (const auto* inline_content = entry.value.find("content")) take(entry.key, inline_content->text);
    }
  }

  /// Everything in it is secret, whatever its key is called.
  void cluster_secret(const YamlNode& root) {
    if (const auto* plain = root.find("stringData"))
      for (const auto& entry : plain->entries) kept(entry.key, entry.value.text);
    if (const auto* encoded = root.find("data"))
      for (const auto& entry : encoded->entries)
        kept(entry.key, formats::kubernetes::from_base64(entry.value.text).value_or(""));
  }

  void kept(const std::string& name, const std::string& value) {
    if (is_certificate(value)) return;
    take(name, value);
    secrets_of_urls(name, value, take_);
  }

  void walk(const std::string& key, const YamlNode& node, std::size_t depth) {
    if (depth > most_depth) return;
    if (node.is_scalar()) return scalar(key, node.text);
    for (const auto& entry : node.entries) walk(entry.key, entry.value, depth + 1);
    std::vector<std::string> words;
    for (const auto& item : node.items) {
      walk(key, item, depth + 1);
      named_value(item);
      if (item.is_text()) words.push_back(item.text);
    }
    secrets_of_words(words, take_);
  }

  void scalar(const std::string& key, const std::string& text) {
    pair(key, text);
    const auto equals = text.find('=');
    if (equals != std::string::npos && equals < most_name) pair(text.substr(0, equals), text.substr(equals + 1));
    if (text.find(' ') != std::string::npos && text.size() < most_value)
      secrets_of_words(words_of_command(text), take_);
    if (key.ends_with("basicauth.users")) label(key, text);
  }

  /// {name: DB_PASSWORD, value: ...} of Kubernetes.
  void named_value(const YamlNode& item) {
    const auto* name = item.find("name");
    const auto* value = item.find("value");
    if (name != nullptr && value != nullptr && value->is_scalar()) pair(name->text, value->text);
  }

  // Files that hold one secret

  void content(const std::string& name, const std::string& path) {
    if (!files_.insert(path).second) return;
    const auto text = sources_.read(path);
    if (!text || text->size() > most_value || is_certificate(*text)) return;
    kept(name, util::trim(*text));
  }

  void of_named_file(const Setting& setting) {
    const auto& value = setting.value();
    const auto* service = sources_.deployment->service(setting.service);
    if (!value || service == nullptr) return;
    const auto& path = SecretReader::reveal(*value);
    if (!path.starts_with('/') && !path.starts_with("./") && !setting.rule.role.ends_with("private-key-path")) return;
    const bool named = setting.rule.role.ends_with("private-key-path") || names_secret_file(setting.name);
    if (!named || path.empty() || path.find('\n') != std::string::npos) return;
    if (const auto host = sources_.deployment->host_path(*service, path))
      content(file_secret_name(setting.name), *host);
  }

  static bool names_secret_file(const std::string& name) {
    const auto lower = util::lower(name);
    if (lower.find("public") != std::string::npos) return false;
    for (const std::string_view word : {"key", "secret", "password", "token", "credential", "passwd"})
      if (lower.find(word) != std::string::npos) return true;
    return false;
  }

  static std::string file_secret_name(const std::string& name) {
    for (const std::string_view end : {"_FILE", "_PATH", "_file", "_path"})
      if (name.ends_with(end)) return name.substr(0, name.size() - end.size());
    return name;
  }

  /// The fifth field of each line of a password file of PostgreSQL; "\:" and "\\" are escapes (libpq, "The Password
  /// File").
  void of_password_file(const Environment& environment) {
    const auto path = environment.find("PGPASSFILE");
    if (path == environment.end() || !path->second.starts_with('/') || !files_.insert(path->second).second) return;
    const auto text = sources_.read(path->second);
    if (!text || text->size() > most_value) return;
    for (const auto& line : util::split(*text, '\n')) {
      std::vector<std::string> fields(1);
      for (std::size_t at = 0; at < line.size(); ++at)
        if (line[at] == '\\' && at + 1 < line.size())
          fields.back() += line[++at];
        else if (line[at] == ':' && fields.size() < 5)
          fields.emplace_back();
        else
          fields.back() += line[at];
      if (fields.size() == 5 && !line.starts_with('#')) take("PGPASSFILE", util::trim(fields.back()));
    }
  }

  const SecretSources& sources_;
  const TakeSecret take_ = [this](const std::string& name, const std::string& value) { take(name, value); };
  std::set<std::string> open_;
  std::set<std::pair<std::string, std::string>> seen_;
  std::set<std::string> files_;
  std::vector<FurtherSecret> found_;
};

}  // namespace

std::vector<FurtherSecret> find_secrets(const SecretSources& sources) {
  return Finder{sources}.find();
}

}  // namespace doctor::deployment
