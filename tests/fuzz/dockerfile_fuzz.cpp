#include "doctor/format/dockerfile.hpp"

#include "property.hpp"

using doctor::fuzz::require;

/// A Dockerfile.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read = doctor::formats::read_dockerfile(doctor::fuzz::text_of(data, size), "Dockerfile");
  if (read.refused) {
    require(read.sources.empty(), "what is refused says nothing");
    require(doctor::fuzz::is_place(read.refused->place.line, read.refused->place.column), "a problem has a place");
  }
  for (const auto& source : read.sources) {
    require(source.line > 0, "a source has a line");
    require(!source.path.empty() && source.path.front() != '/' && source.path.back() != '/', "a path is relative");
    require(("/" + source.path + "/").find("/../") == std::string::npos, "a path stays in the context");
  }
  return 0;
}
