#pragma once

#include <string_view>

/// What can be told from a dotted name alone.
namespace doctor::bundle {

/// How sure it is that a name with this last label is that of a host.
enum class Ending {
  none,    ///< no top-level domain that is in use: "server.log"
  file,    ///< that, or a kind of file: "deploy.sh", "app.local"
  word,    ///< that, or a word of prose or code: "user.id", "done.It"
  certain  ///< "com"
};

/// Of the last label, in lower case.
Ending ending_of(std::string_view label);

/// A name that means the same everywhere and says nothing of whose deployment it is: "localhost", "docker.io",
/// "kubernetes.io", "example.com", and everything below them. In lower case.
bool is_everybodys(std::string_view name);

/// Where the part of a name begins that a registry gives out: "com" of "acme.com", "co.uk" of "acme.co.uk", "internal"
/// of "db.internal". The size of the name when it has no such part.
std::size_t suffix_begin(std::string_view name);

/// Where the domain begins that someone has: "acme.co.uk" of "chat.acme.co.uk". 0 when that is all of it.
std::size_t domain_begin(std::string_view name);

}  // namespace doctor::bundle
