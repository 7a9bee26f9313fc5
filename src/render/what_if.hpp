#pragma once

#include "diagnosis/report.hpp"
#include "render/printer.hpp"

namespace doctor::render {

/// What other settings would do, before the findings that would remain.
void print_what_if(const Printer& print, const diagnosis::WhatIf& what_if);

}  // namespace doctor::render
