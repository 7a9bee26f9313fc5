#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace doctor::bundle {

/// What of a deployment goes into its bundle: --include and --exclude, each SECTION or SECTION/GLOB.
class Selection {
 public:
  Selection() = default;
  /// The error says which word is wrong. Report and answers are in every bundle: they cannot be excluded.
  static tl::expected<Selection, std::string> of(const std::vector<std::string>& include,
                                                 const std::vector<std::string>& exclude);

  /// Whether a member of that path is wanted.
  bool takes(const std::string& path) const;

 private:
  std::vector<std::string> include_;  ///< globs; none: everything
  std::vector<std::string> exclude_;
};

}  // namespace doctor::bundle
