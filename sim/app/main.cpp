// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <string>
#include <vector>

#include "sim/app/app.h"

int main(int argc, char* argv[]) {
  // Standard error is for our own lines; the SystemC library would greet there when it wakes up.
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
  return razorsim::run_command_line(std::vector<std::string>(argv + 1, argv + argc));
}
