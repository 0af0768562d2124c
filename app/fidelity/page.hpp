#pragma once

#include <string>

#include "schema/fidelity/certificate.hpp"

namespace understudy::app {

/// The certificate as one self-contained page: it loads nothing and runs nothing. Names are escaped. Pure.
std::string fidelity_page(const schema::fidelity::Certificate& certificate);

}  // namespace understudy::app
