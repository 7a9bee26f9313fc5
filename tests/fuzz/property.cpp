#include "property.hpp"

#include <cstdio>
#include <cstdlib>

namespace doctor::fuzz {

void require(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

}  // namespace doctor::fuzz
