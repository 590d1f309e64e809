// What a copy says where it differs from what the primary was sent. Pure. Caller: leg.cc, for every copy.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "proxy/control/reasons.h"
#include "proxy/http/message.h"
#include "proxy/settings.h"

namespace understudy::shadow {

// `original` as the primary was sent it, without Expect, with `mirror.headers` applied, the marker with the role's
// name, Host as `mirror.host` says, and, where it bears a traceparent, the same trace with `parent_id` (not 0) as its
// parent.
http::RequestMessage copy_head(const http::RequestMessage& original, const MirrorSettings& mirror, const Url& target,
                               control::Role role, std::uint64_t parent_id);

// W3C Trace Context 3.2.2: "00-<32 hex>-<16 hex>-<2 hex>". Anything else is given back as it is.
std::string with_parent(std::string_view traceparent, std::uint64_t parent_id);

}  // namespace understudy::shadow
