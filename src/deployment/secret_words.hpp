#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

/// Secrets inside texts of a deployment that are no settings: commands, labels, values of YAML files.
namespace doctor::deployment {

using TakeSecret = std::function<void(const std::string& name, const std::string& value)>;

/// Whether what stands under this name is a secret: by the name, or by what the value looks like. References
/// (${NAME}, paths, numbers, booleans) are none.
bool is_secret_pair(const std::string& name, const std::string& value);

/// Every scheme://user:PASSWORD@ in the text.
void secrets_of_urls(const std::string& name, std::string_view text, const TakeSecret& take);

/// The words of a command: values behind --password-like flags, NAME=value with a secret name, curl -u user:password,
/// redis-cli -a password; and the URLs in them.
void secrets_of_words(const std::vector<std::string>& words, const TakeSecret& take);

/// A command on one line, parted into words as a shell does, without expansion.
std::vector<std::string> words_of_command(std::string_view line);

}  // namespace doctor::deployment
