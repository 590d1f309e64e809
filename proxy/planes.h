// How a plane comes to life: the supervisor executes the program again under the plane's name, with an explicit list of
// descriptors and the effective configuration in a sealed memory. main.cc asks first thing whether it was started so.
// The name stands among the arguments too: a tool that runs the program (valgrind) puts the program's own in its place.
#pragma once

#include <string>
#include <vector>

#include "proxy/control/counters.h"

namespace understudy {

// True where argv[1] names a plane.
bool is_plane_invocation(int argc, char** argv);
// The whole life of a plane; gives its exit status.
int run_plane(int argc, char** argv);

// What a plane is handed. Descriptors are numbers of the supervisor's, which the plane finds under the same numbers; -1
// = none.
struct PlaneDescriptors {
  struct Slot {
    unsigned index = 0;
    int fd = -1;                 // writable for the user plane, read-only for the others
    std::vector<int> listeners;  // user plane alone: what the thread of this slot serves
  };
  control::Plane plane = control::Plane::user;
  int settings = -1;
  int lifeline = -1;
  int switch_page = -1;
  int shadow_accounts = -1;
  int supervisor_accounts = -1;
  int listener = -1;  // admin plane alone
  std::vector<Slot> slots;

  std::vector<int> all() const;
};

// "us-user plane=us-user settings=3 lifeline=4 … slot=0:7:8,9,10": the argument vector, and back. False: not such a vector.
std::vector<std::string> to_arguments(const PlaneDescriptors& descriptors);
bool from_arguments(const std::vector<std::string>& arguments, PlaneDescriptors& descriptors);

}  // namespace understudy
