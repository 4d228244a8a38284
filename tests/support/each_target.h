// SPDX-License-Identifier: Apache-2.0
// Tests that run with each instruction set of this machine.
#pragma once

#include <gtest/gtest.h>

#include "models/arithmetic/kernel.h"

namespace razorsim::testing {

class OnEachTarget : public ::testing::TestWithParam<KernelTarget> {
 protected:
  void SetUp() override {
    if (!use_kernel_target(GetParam())) GTEST_SKIP() << "not on this machine";
  }
  void TearDown() override { use_kernel_target(KernelTarget::automatic); }
};

}  // namespace razorsim::testing
