// Whether a request that changes something may come from where it says it comes from. A page of another site can make
// an operator's browser send requests here: across origins (Origin tells), or under a name of its own that it has
// resolve to this machine (Host tells; DNS rebinding). Pure.
#pragma once

#include <string>
#include <string_view>

namespace understudy::admin {

// Why not; empty = it may. `host`, `origin`: the fields' values, empty where they are not there (not a browser).
// `listen_host`: the host of admin.listen.
std::string foreign_because(std::string_view host, std::string_view origin, std::string_view listen_host);

}  // namespace understudy::admin
