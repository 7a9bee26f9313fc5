#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Variable substitution as Docker Compose does it, in compose files and in .env files (Compose Specification,
/// "Interpolation"): $NAME, ${NAME}, ${NAME:-x}, ${NAME-x}, ${NAME:?m}, ${NAME?m}, ${NAME:+x}, ${NAME+x}, nested, and
/// $$ for a dollar sign.
namespace doctor::deployment {

/// The value of a variable; nullptr when it is not set. The pointer stays valid until the next change of its owner.
using VariableLookup = std::function<const std::string*(const std::string& name)>;

struct InterpolationUse {
  std::string name;
  std::string operation;  ///< "", ":-", "-", ":?", "?", ":+", "+"
  bool set = false;
  bool defaulted = false;  ///< the text behind :- or - was taken
};

struct InterpolationError {
  enum class Kind { malformed, required, too_deep, too_long };
  Kind kind = Kind::malformed;
  std::string variable;  ///< of `required`
  std::string message;   ///< of `required`: as written, nested expressions reduced to their names
};

struct Interpolated {
  std::string text;  ///< as far as it could be built
  std::vector<InterpolationUse> uses;
  std::optional<InterpolationError> error;  ///< the first one; Docker Compose gives up there
};

/// At most 100 levels of nesting, `most` bytes of result and the first 1,000 uses. Linear in the text for each level.
Interpolated interpolate(std::string_view text, const VariableLookup& lookup, std::size_t most);

/// One phrase without any input in it.
std::string_view reason(InterpolationError::Kind kind);

/// The names of `uses`, each once, in order.
std::vector<std::string> variable_names(const std::vector<InterpolationUse>& uses);

}  // namespace doctor::deployment
