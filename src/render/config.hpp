#pragma once

#include <iosfwd>

#include "doctor/deployment.hpp"
#include "render/render.hpp"

namespace doctor::render {

/// `doctor config` for people: every service with where it runs, its ports, and its settings with the chain of places
/// that each value came through; what is written without effect is marked; then the data sources and HTTP addresses and
/// how they are dialled. Secrets are [redacted]. `style.verbose` shows whole values and the variables of images.
void config(const Deployment& deployment, const Style& style, std::ostream& out);

/// The same as one JSON document, doctor-config/v1.
void config_json(const Deployment& deployment, std::ostream& out);

}  // namespace doctor::render
