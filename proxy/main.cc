// The program's start: a plane, if the supervisor started it under a plane's name, else the command line.
#include "proxy/commands/command_line.h"
#include "proxy/planes.h"

int main(int argc, char** argv) {
  if (understudy::is_plane_invocation(argc, argv)) return understudy::run_plane(argc, argv);
  return understudy::run_command_line(argc, argv);
}
