#pragma once

#include <map>
#include <string>
#include <vector>

#include "doctor/system.hpp"
#include "guides/description.hpp"
#include "guides/ledger.hpp"
#include "guides/library.hpp"
#include "guides/page.hpp"

namespace doctor::guides {

struct DescriptionFile {
  std::string file;
  SystemDescription description;
  std::map<std::string, Place> entries{};  ///< where entries are named in it, as far as that is known
};

/// All that is compiled into one blob.
struct Sources {
  std::vector<Page> pages;
  std::vector<DescriptionFile> descriptions;
  std::string ledger_file;
  std::vector<Proof> ledger;
  /// What the pages add to, and may speak of: the guides that are built in. Null: the pages are those.
  const Library* beneath = nullptr;
};

/// What one page alone cannot know: codes defined once only; explains, leads-to, `else` and the ledger name what
/// exists; conditions name evidence of the code that they explain, and never tie; placeholders have a source; log
/// signatures name milestones of the description; the description of a system has a page, short of one that is not
/// built in.
void validate(const Sources& sources, Problems& problems);

}  // namespace doctor::guides
