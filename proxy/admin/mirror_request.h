// The body of PUT /api/v1/mirror. Pure; beside run_request.cc, mirror_request.cc is the only file of admin/ that
// parses JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "proxy/admin/accounts.h"
#include "proxy/admin/observed.h"
#include "proxy/settings.h"

namespace understudy::admin {

// {"enabled":bool,"percent":number}, either or both, nothing else; percent within 0..1000. The string says what is
// wrong.
std::variant<SwitchChange, std::string> parse_mirror_request(std::string_view body);

// What holds now: the switch where it was set, else the configuration. The body of GET and of an answered PUT.
std::string mirror_json(const Observed& observed, const MirrorSettings& settings);

}  // namespace understudy::admin
