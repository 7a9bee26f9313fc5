#pragma once

#include <string>
#include <vector>

#include "guides/description.hpp"
#include "guides/library.hpp"
#include "guides/problem.hpp"
#include "guides/validate.hpp"

namespace doctor::guides {

constexpr std::size_t most_own_pages = 200;
constexpr std::size_t most_own_bytes = 16U << 20U;  ///< of all pages together

/// A page that a user has written for an application, before it is read.
struct OwnPage {
  std::string file;    ///< NAME.md, where NAME is the name of the system; with its folder
  std::string origin;  ///< where it was found, as shown to people
  std::string text;
};

/// The name of the system that a page of this file name is about: "guides/shop.md" -> "shop"; "" for a name that no
/// page has.
std::string system_of_page(const std::string& file);

/// Reads pages on top of what `library` has, by the rules of validate(), and adds their entries: detected by nothing
/// that is known, from their origin. `descriptions` are those of a doctor.yaml, whose `else` may name these entries.
/// Never throws on bad input: with a problem nothing is added.
void add_own_pages(Library& library, const std::vector<OwnPage>& pages,
                   const std::vector<DescriptionFile>& descriptions, Problems& problems);

}  // namespace doctor::guides
