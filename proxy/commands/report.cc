// `understudy report`: the state of a run, once.
#include <string>

#include "proxy/commands/commands.h"
#include "proxy/commands/exit_status.h"
#include "proxy/commands/output.h"
#include "proxy/commands/state.h"

namespace understudy {

int report(const ReportRequest& request) {
  Format format{};
  if (!read_format(request.format, "markdown junit html", format)) return exit_usage;
  std::string text;
  Problem problem;
  if (!fetch_report(request.source, format, text, problem)) {
    complain(problem.text);
    return problem.is_usage ? exit_usage : exit_unreachable;
  }
  if (!text.ends_with('\n')) text += '\n';
  return write_output(text, request.output) ? exit_good : exit_unreachable;
}

}  // namespace understudy
