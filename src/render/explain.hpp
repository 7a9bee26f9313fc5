#pragma once

#include <iosfwd>

#include "guides/library.hpp"
#include "render/render.hpp"

namespace doctor::render {

/// A guide entry for `doctor explain CODE`: prose wrapped to the style's width, commands indented and never wrapped,
/// placeholders as <name>. Bold and colour only if style.colour.
void explain(const guides::Entry& entry, const Style& style, std::ostream& out);

/// All entries in the order of Library::codes(). JSON: an array of {code, guide, system, severity, title, detection,
/// reason}, all strings; detection is "" for an entry that is only explained. For people: a table per guide.
void list_entries(const guides::Library& library, bool json, std::ostream& out);

}  // namespace doctor::render
