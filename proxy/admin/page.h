// GET /: the state of the run on one page, made whole by the server: no scripts, nothing loaded from elsewhere. Pure.
#pragma once

#include <string>
#include <string_view>

#include "diff/report/model.h"
#include "proxy/admin/observed.h"
#include "proxy/settings.h"

namespace understudy::admin {

inline constexpr std::string_view page_security_policy =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

std::string render_page(const diff::ReportModel& model, const Settings& settings, const Observed& observed);

}  // namespace understudy::admin
