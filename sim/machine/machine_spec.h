// SPDX-License-Identifier: Apache-2.0
// A whole accelerator: one Spec a module. configs/machines/*.json spells it.
#pragma once

#include <string>

#include "models/base/fields.h"
#include "models/hardware/dram_spec.h"
#include "models/hardware/specs.h"

namespace razorsim {

struct MachineSpec {
  std::string name = "default";
  double clock_mhz = 1000;
  ArraySpec array;
  BufferSpec weight_buffer{.size_kib = 256};
  BufferSpec activation_buffer{.size_kib = 256};
  BufferSpec output_buffer{.size_kib = 128};
  KvCacheSpec kv_cache;
  DmaSpec dma;
  AccumulatorSpec accumulator;
  VectorUnitSpec vector_unit;
  RazorUnitSpec razor_unit;
  SequencerSpec sequencer;
  DramSpec dram;
  std::string technology = "45nm";

  bool operator==(const MachineSpec&) const = default;
};
template <>
inline constexpr auto fields<MachineSpec> = field_table<MachineSpec>(
    field("name", &MachineSpec::name, "", any_value, "the machine's name in results"),
    field("clock_mhz", &MachineSpec::clock_mhz, "MHz", between(1, 100000),
          "core clock; its period is rounded to whole picoseconds"),
    field("array", &MachineSpec::array, "", any_value, "the systolic array"),
    field("weight_buffer", &MachineSpec::weight_buffer, "", any_value,
          "holds weights, K and V of the tiles at work"),
    field("activation_buffer", &MachineSpec::activation_buffer, "", any_value,
          "holds activations, queries and softmax output"),
    field("output_buffer", &MachineSpec::output_buffer, "", any_value,
          "half for accumulated tiles, half for outputs on their way to DRAM"),
    field("kv_cache", &MachineSpec::kv_cache, "", any_value,
          "keys and values of the tokens so far"),
    field("dma", &MachineSpec::dma, "", any_value, "moves panels between DRAM and the buffers"),
    field("accumulator", &MachineSpec::accumulator, "", any_value, "adds partial tiles"),
    field("vector_unit", &MachineSpec::vector_unit, "", any_value,
          "floating-point work on outputs"),
    field("razor_unit", &MachineSpec::razor_unit, "", any_value, "encodes outputs"),
    field("sequencer", &MachineSpec::sequencer, "", any_value, "issues tiles"),
    field("dram", &MachineSpec::dram, "", any_value,
          "the memory; a device file of configs/dram may be named by its extends"),
    field("technology", &MachineSpec::technology, "", any_value, "name of the technology table"));

}  // namespace razorsim
