// Makes octets from the network harmless for a terminal. Pure. Callers: render_text.cc, `understudy diff`, log lines.
#pragma once

#include <string>
#include <string_view>

namespace understudy::diff {

// `text` with everything replaced that could move the cursor, change colours, hide or reorder what stands beside it:
// control characters (C0, DEL, C1) and directional or invisible format characters appear as \n, \x1b, \u{202e};
// ill-formed UTF-8 as U+FFFD. At most `limit` columns, counting each character as one; "…" ends what was cut.
std::string escaped_for_terminal(std::string_view text, std::size_t limit);

}  // namespace understudy::diff
