// An exemplar in the HTTP Archive format, version 1.2: an entry for each role that answered. Pure.
#pragma once

#include <string>

#include "proxy/store/exemplar.h"

namespace understudy::admin {

std::string render_har(const store::Exemplar& exemplar);

}  // namespace understudy::admin
