#pragma once

#include <functional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "bundle/item.hpp"
#include "bundle/writer.hpp"

namespace doctor::bundle {

/// Adds items while there is room: everything but logs first, in the order of what helps most, then the logs, which
/// share what is left: none has less because another is large. `begins` is told of each before it is read. Past the
/// deadline the rest is missing; a stop of it ends the work with an error.
tl::expected<void, std::string> add_all(Writer& writer, std::vector<Item> items,
                                        const std::function<void(const Item&)>& begins, const Deadline& deadline);

}  // namespace doctor::bundle
