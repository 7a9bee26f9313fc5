#pragma once

#include <iosfwd>

#include "bundle/diff.hpp"
#include "render/render.hpp"

namespace doctor::render {

/// For people: what is new, what is gone, and what changed in between. Ends with one line of counts.
void diff(const bundle::Side& before, const bundle::Side& after, const bundle::Diff& diff, const Style& style,
          std::ostream& out);

/// doctor-diff/v1 (docs/json-schema/diff-v1.json), one document. `exit_code` is that of the process.
void diff_json(const bundle::Side& before, const bundle::Side& after, const bundle::Diff& diff, int exit_code,
               std::ostream& out);

}  // namespace doctor::render
