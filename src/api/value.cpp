#include "doctor/value.hpp"

#include <stdexcept>

namespace doctor {

const std::string& Value::text() const {
  if (secret_) throw std::logic_error("the text of a secret value was asked for");
  return text_;
}

}  // namespace doctor
