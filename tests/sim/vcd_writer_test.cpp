// SPDX-License-Identifier: Apache-2.0
#include "sim/result/vcd_writer.h"

#include <gtest/gtest.h>

namespace razorsim {
namespace {

TEST(Vcd, SaysScopesValuesAndTimes) {
  Waveform waves;
  waves.signals = {{"array", "clk", 1}, {"array.pe_0_0", "acc", 4}, {"array.pe_0_1", "acc", 4}};
  waves.changes = {{Picoseconds(0), 0, 1}, {Picoseconds(0), 1, -3}, {Picoseconds(500), 0, 0}};
  EXPECT_EQ(vcd_text(waves, "an example"),
            "$comment an example $end\n$timescale 1 ps $end\n"
            "$scope module array $end\n$var wire 1 ! clk $end\n"
            "$scope module pe_0_0 $end\n$var wire 4 \" acc [3:0] $end\n$upscope $end\n"
            "$scope module pe_0_1 $end\n$var wire 4 # acc [3:0] $end\n$upscope $end\n"
            "$upscope $end\n$enddefinitions $end\n"
            "$dumpvars\nx!\nbx \"\nbx #\n$end\n"
            "#0\n1!\nb1101 \"\n#500\n0!\n");
}

}  // namespace
}  // namespace razorsim
