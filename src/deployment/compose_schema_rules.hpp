#pragma once

#include <string_view>

namespace doctor::deployment::compose {

/// The shape of a compose file (Compose Specification), one node a line: PATH KINDS OPTIONS.
/// Path: keys between slashes; "*" any name of letters, digits, '.', '_', '-'; "?" any key; "[]" the elements of a
/// list. Kinds: s text, n number, i integer, b boolean, o mapping, a list, 0 nothing; or a shape that occurs often: LD
/// list of NAME=value or mapping, SL text or list of texts, LS list of texts, EH extra hosts, UL limits, MO mounts of
/// secrets and configs, CO command, DE devices, OP driver options, BL and BW block device limits and weights.
/// Options: "!" no x- keys, "+" any further key, "u" elements are unique, "=a|b" the values allowed, "&a,b" keys
/// required.
extern const std::string_view schema_rules;

}  // namespace doctor::deployment::compose
