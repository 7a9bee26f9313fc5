#pragma once

#include <iosfwd>
#include <vector>

#include "plan/plan.hpp"
#include "render/render.hpp"

namespace doctor::render {

/// For people: every step once, with the parts of a run that may take it.
void plan(const std::vector<plan::Part>& parts, const Style& style, std::ostream& out);

/// doctor-plan/v1 (docs/json-schema/plan-v1.json), one document.
void plan_json(const std::vector<plan::Part>& parts, std::ostream& out);

}  // namespace doctor::render
