#include "support/places.hpp"

namespace doctor::test {

std::string source_path(std::string_view below) {
  return DOCTOR_SOURCE_DIR "/" + std::string{below};
}

std::string binary_path(std::string_view below) {
  return DOCTOR_BINARY_DIR "/" + std::string{below};
}

}  // namespace doctor::test
