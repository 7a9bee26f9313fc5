#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/deployment.hpp"

/// Which values of variables may be seen in a bundle, before the redactor looks for secrets in what is left.
namespace doctor::bundle {

/// A value is kept when a description knows its setting and it is not secret, or when it is empty, a boolean, a small
/// integer, a word such as "info" or "production", or nothing but references to other variables. Of a URL scheme, host,
/// port and path are kept. Everything else becomes [redacted:NAME].
class Values {
 public:
  using Judge = std::function<bool(std::string_view text)>;
  Values(const std::shared_ptr<const Deployment>& deployment, Judge secret_name, Judge secret_value);

  /// What stands in a bundle for the value of a variable.
  std::string shown(const std::string& name, const std::string& value) const;
  /// "NAME=VALUE", as environments have it.
  std::string shown_entry(const std::string& entry) const;
  /// Whether a variable of that name holds a secret.
  bool is_secret(const std::string& name) const;
  /// Whether it is the name of a setting of the deployment.
  bool knows(const std::string& name) const { return settings_.count(name) > 0; }
  /// What stands in place of the value.
  static std::string marker(const std::string& name);

  /// Words of a command line: values of options such as --password are replaced, also inside of one word ("sh -c ...").
  std::vector<std::string> shown_arguments(const std::vector<std::string>& words) const;

 private:
  enum class Kind { unknown, open, secret };
  Kind kind(const std::string& name) const;
  std::string shown_url(const std::string& name, const std::string& value, bool secret) const;
  bool is_secret_option(std::string_view option) const;
  std::string shown_command(const std::string& text) const;

  std::map<std::string, Kind> settings_;
  Judge secret_name_;
  Judge secret_value_;
};

}  // namespace doctor::bundle
