#pragma once

#include "diagnosis/report.hpp"

namespace doctor::diagnosis {

/// What other settings would do, told from two reports on the same recorded answers. `after` is the one with the other
/// settings: the result is that report with `what_if` filled in and only the findings that would remain or be new. What
/// was a consequence of something that is gone, and still shows in answers that were given before, can be expected to
/// go; what cannot be judged without trying is no finding either, but unexamined.
Report what_if(const Report& before, Report after, std::vector<WhatIf::Change> changes);

}  // namespace doctor::diagnosis
