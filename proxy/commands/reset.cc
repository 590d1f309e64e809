// `understudy reset`: a running instance opens a fresh run.
#include <string>

#include "proxy/commands/commands.h"
#include "proxy/commands/exit_status.h"
#include "proxy/commands/output.h"
#include "proxy/commands/state.h"

namespace understudy {

int reset(const ResetRequest& request) {
  std::string run;
  Problem problem;
  if (!open_fresh_run(request.source, run, problem)) {
    complain(problem.text);
    return exit_unreachable;
  }
  return write_output("run " + run + " is open\n", {}) ? exit_good : exit_unreachable;
}

}  // namespace understudy
