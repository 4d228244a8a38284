// SPDX-License-Identifier: Apache-2.0
// The main of test programs that elaborate SystemC modules: a report of SystemC fails the test
// that caused it, then takes its usual course (an error throws, a fatal one aborts).
#include <cstdlib>
#include <systemc>

#include <gtest/gtest.h>

namespace {

void fail_test(const sc_core::sc_report& report, const sc_core::sc_actions& actions) {
  if (report.get_severity() >= sc_core::SC_WARNING) {
    ADD_FAILURE() << "SystemC report: " << report.what();
  }
  sc_core::sc_report_handler::default_handler(report, actions);
}

}  // namespace

int main(int argc, char** argv) {
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
  ::testing::InitGoogleTest(&argc, argv);
  sc_core::sc_report_handler::set_handler(fail_test);
  return RUN_ALL_TESTS();
}
