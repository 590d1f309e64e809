// The command line: which command, its flags, its help. Called by main.cc alone; command_line.cc is the only file that
// knows CLI11. commands/ may include everything of the project except the planes.
#pragma once

namespace understudy {

// Parses, runs the command, and gives the exit status of the contract.
int run_command_line(int argc, char** argv);

}  // namespace understudy
