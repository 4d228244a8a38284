// SPDX-License-Identifier: Apache-2.0
#include "sim/machine/assemble.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "models/hardware/fold_layout.h"
#include "models/operators/operation_count.h"
#include "sim/machine/held_registers.h"
#include "sim/result/ratios.h"

namespace razorsim {
namespace {

Bits bits(Bytes bytes) { return Bits(8 * bytes.count()); }
BitSplit split(const PanelBytes& bytes) {
  return {bits(bytes.codes), bits(bytes.flags), bits(bytes.scales)};
}
BufferActivity traffic(const BufferTraffic& bytes) {
  return {split(bytes.read), split(bytes.written)};
}

ElementaryCounts vector_activity(OperationKind kind, const HardwareCounters& counters) {
  ElementaryCounts activity;
  add_times(activity, rescale_count.element, counters.rescaled);
  add_times(activity, quantise_count.element, counters.quantised);
  add_times(activity, maximum_count.element, counters.maximised);
  const OperationCount own = operation_count(kind);
  add_times(activity, own.element, counters.operated);
  add_times(activity, own.row, counters.operated_rows);
  return activity;
}

DramBytes dram_bytes(const PanelBytes& bytes, Bytes padding) {
  return {bytes.codes, bytes.flags, bytes.scales, padding};
}

BitSplit dram_bits(const DramBytes& bytes) {
  return {bits(bytes.codes + bytes.padding), bits(bytes.flags), bits(bytes.scales)};
}

class Assembly {
 public:
  Assembly(const MachineSpec& machine, const std::vector<Operation>& operations,
           const Schedule& schedule, const Measurement& measured, const Inventory& inventory,
           const TechnologyTable& technology, const std::vector<ProductStatistics>& statistics)
      : machine_(machine),
        operations_(operations),
        schedule_(schedule),
        measured_(measured),
        inventory_(inventory),
        technology_(technology),
        statistics_(statistics) {}

  RunResult run() {
    result_.core_period = measured_.core_period;
    result_.time = measured_.time;
    result_.cycles = cycles(measured_.time);
    result_.peak_dram_bytes_per_ns = peak_bytes_per_second(machine_.dram) * 1e-9;
    result_.peak_macs_per_cycle = machine_.array.rows * machine_.array.cols * schedule_.unit.lanes;
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      result_.operations.push_back(operation(i));
    }
    for (std::size_t pass = 0; pass < schedule_.passes.size(); ++pass) share_dram(pass);
    for (OperationResult& each : result_.operations) {
      each.energy = energy_of(each.counters.activity, inventory_, technology_);
      add_fields(result_.totals, each.counters);
      add_fields(result_.energy, each.energy);
      add_fields(result_.energy_sources,
                 sources_of_energy(each.counters.activity, inventory_, technology_));
    }
    promise(result_.totals.cycles == result_.cycles,
            "the operations' cycles do not add up to the run's");
    result_.bound = bound_of(result_.totals);
    result_.area = area_of(inventory_, technology_);
    result_.area_sources = sources_of_area(inventory_, technology_);
    result_.array = inventory_.array;
    result_.remarks = remarks_on(inventory_, technology_);
    if (moved_for_nothing()) {
      result_.remarks.push_back(
          fmt::format("{} states no currents, so DRAM commands and background cost nothing here",
                      machine_.dram.name));
    }
    for (const ModuleLedger& module : measured_.modules) {
      result_.modules.push_back({module.name, module.time, module.slices});
    }
    return std::move(result_);
  }

 private:
  /// Bytes moved, and no energy for it: a device without currents.
  [[nodiscard]] bool moved_for_nothing() const {
    const OperationCounters& sums = result_.totals;
    const DramActivity& dram = sums.activity.dram;
    return (sums.dram_read.payload() + sums.dram_written.payload()).count() > 0 &&
           (dram.activate + dram.read + dram.write + dram.refresh + dram.standby).count() == 0;
  }

  [[nodiscard]] CoreCycles cycles(Picoseconds span) const {
    promise(span.count() % measured_.core_period.count() == 0,
            "a core event is off the core clock's edge");
    return CoreCycles(span / measured_.core_period);
  }

  [[nodiscard]] OperationResult operation(std::size_t index) const {
    const Operation& source = operations_[index];
    const ScheduledOperation& scheduled = schedule_.operations[index];
    const HardwareCounters& counted = measured_.counters[index];
    const OperationTime& time = measured_.operation_times[index];
    OperationResult result;
    result.name = source.name;
    result.kind = source.kind;
    result.heads = source.heads;
    result.m = source.m;
    result.k = source.k;
    result.n = source.n;
    result.pass = scheduled.pass;
    result.unit = scheduled.unit;
    result.passes = source.is_product() ? scheduled.plan.passes() : 1;
    if (source.is_product()) {
      result.mapping = {scheduled.mapping.tile_m,
                        scheduled.mapping.tile_n,
                        scheduled.mapping.tile_k,
                        std::string(name_of(scheduled.mapping.order)),
                        scheduled.mapping.resident,
                        source.kind == OperationKind::context ? "chip" : "dram",
                        scheduled.output_on_chip ? "chip" : "dram"};
    }
    OperationCounters& counters = result.counters;
    counters.cycles = cycles(time.total);
    counters.busy = cycles(time.busy);
    for (std::size_t cause = 0; cause < cause_count; ++cause) {
      counters.stalls.values[cause] = cycles(time.stalls.values[cause]);
    }
    promise(counters.busy + counters.stalls.sum() == counters.cycles, source.name,
            ": busy and stalls do not add up");
    counters.macs = counted.macs;
    if (source.is_product())
      counters.skipped_macs = source.heads * source.m * source.n * source.k - counted.macs;
    promise(counters.skipped_macs >= 0, source.name, ": more MACs than the operation has");
    counters.products = counted.products;
    counters.array_slots = counted.array_cycles * result_.peak_macs_per_cycle;
    counters.overflows = counted.overflows;
    counters.array_busy = CoreCycles(counted.array_cycles);
    counters.vector_busy = CoreCycles(counted.vector_cycles);
    counters.razor_busy = CoreCycles(counted.razor_cycles);
    counters.dram_read = dram_bytes(counted.dram_read, counted.dram_read_padding);
    counters.dram_written = dram_bytes(counted.dram_written, counted.dram_write_padding);
    const double moved =
        static_cast<double>((counters.dram_read.payload() + counters.dram_read.padding +
                             counters.dram_written.payload() + counters.dram_written.padding)
                                .count());
    const double bytes_per_cycle =
        result_.peak_dram_bytes_per_ns * 1e-3 * static_cast<double>(measured_.core_period.count());
    counters.memory_busy =
        CoreCycles(static_cast<std::int64_t>(std::ceil(moved / bytes_per_cycle)));
    counters.distinct_read = counted.distinct_read;
    for (const BufferTraffic* buffer :
         {&counted.weight_buffer, &counted.activation_buffer, &counted.output_buffer,
          &counted.staging_buffer, &counted.kv_cache}) {
      counters.buffer_read += buffer->read.total();
      counters.buffer_written += buffer->written.total();
    }
    ActivityCounters& activity = counters.activity;
    activity.time = time.total;
    activity.array.products = counted.products;
    activity.array.group_ends = counted.group_ends;
    activity.array.shifts = counted.shifts;
    if (source.is_product())
      activity.array.register_writes =
          register_writes(machine_.array, scheduled, source.k, counted.weight_buffer.read,
                          counted.activation_buffer.read);
    if (index < statistics_.size() && statistics_[index].known)
      describe(statistics_[index], scheduled.plan, activity.array);
    activity.vector_unit = vector_activity(source.kind, counted);
    activity.razor_groups = counted.razor_groups;
    activity.weight_buffer = traffic(counted.weight_buffer);
    activity.activation_buffer = traffic(counted.activation_buffer);
    activity.output_buffer = traffic(counted.output_buffer);
    activity.staging_buffer = traffic(counted.staging_buffer);
    activity.kv_cache = traffic(counted.kv_cache);
    activity.dram.bits_read = dram_bits(counters.dram_read);
    activity.dram.bits_written = dram_bits(counters.dram_written);
    result.bound = bound_of(counters);
    return result;
  }

  /// Every code meets as many multipliers as any other of its operand, so a product's share of
  /// zeros and toggles is the operand's own. Where sums stay, both operands change along K; where
  /// an operand stays it does not change, and the other does from row to row.
  void describe(const ProductStatistics& statistics, const UnitPlan& plan,
                UnitActivity& array) const {
    const auto share = [&](std::int64_t part, std::int64_t whole) {
      return whole == 0 ? std::int64_t{0}
                        : static_cast<std::int64_t>(
                              std::llround(static_cast<double>(array.products) *
                                           static_cast<double>(part) / static_cast<double>(whole)));
    };
    array.described = array.products;
    array.zero_activations = share(statistics.left.zero_codes, statistics.left.codes);
    array.zero_weights = share(statistics.right.zero_codes, statistics.right.codes);
    const Dataflow dataflow = machine_.array.dataflow;
    // An element that holds several beats of a group goes through them again and again.
    const bool still = dataflow != Dataflow::output_stationary &&
                       FoldLayout(plan, machine_.array.rows).beats() == 1;
    const auto toggles = [&](const OperandStatistics& operand, bool stays) {
      if (!still) return operand.toggles_along_k;
      return stays ? std::int64_t{0} : operand.toggles_across;
    };
    array.toggles_activation = share(
        toggles(statistics.left, dataflow == Dataflow::input_stationary), statistics.left.codes);
    array.toggles_weight = share(toggles(statistics.right, dataflow == Dataflow::weight_stationary),
                                 statistics.right.codes);
  }

  /// Each operation's share of the pass's own figures.
  void share_dram(std::size_t pass) {
    const DramEnergy& energy = measured_.dram_by_pass[pass].energy;
    const std::vector<int>& members = schedule_.passes[pass].pass.operations;
    double read = 0;
    double written = 0;
    double time = 0;
    for (const int index : members) {
      const OperationCounters& counters = at(index).counters;
      read += static_cast<double>(counters.dram_read.payload().count());
      written += static_cast<double>(counters.dram_written.payload().count());
      time += static_cast<double>(counters.cycles.count());
    }
    for (const int index : members) {
      OperationCounters& counters = at(index).counters;
      const double own_read = static_cast<double>(counters.dram_read.payload().count());
      const double own_written = static_cast<double>(counters.dram_written.payload().count());
      const auto part = [](double own, double all) { return all > 0 ? own / all : 0.0; };
      const double of_time = part(static_cast<double>(counters.cycles.count()), time);
      DramActivity& dram = counters.activity.dram;
      dram.activate = energy.activate * part(own_read + own_written, read + written);
      dram.read = energy.read * part(own_read, read);
      dram.write = energy.write * part(own_written, written);
      dram.refresh = energy.refresh * of_time;
      dram.standby = (energy.active_standby + energy.precharge_standby) * of_time;
    }
  }

  OperationResult& at(int index) { return result_.operations[static_cast<std::size_t>(index)]; }

  const MachineSpec& machine_;
  const std::vector<Operation>& operations_;
  const Schedule& schedule_;
  const Measurement& measured_;
  const Inventory& inventory_;
  const TechnologyTable& technology_;
  const std::vector<ProductStatistics>& statistics_;
  RunResult result_;
};

BufferShape buffer(const BufferSpec& spec) {
  return {spec.capacity(), spec.banks, Bits(spec.port_bits)};
}

}  // namespace

Inventory inventory_of(const MachineSpec& machine, std::span<const Schedule> schedules) {
  const UnitSpec& unit = schedules.front().unit;
  // A unit without a group of its own is built for the smallest one it is given: that is where it
  // needs the most shifters.
  int group = unit.group;
  for (const Schedule& schedule : schedules) {
    for (const ScheduledOperation& operation : schedule.operations) {
      if (unit.group == 0 && operation.plan.shifts && !operation.unit.empty()) {
        group = group == 0 ? operation.plan.group : std::min(group, operation.plan.group);
      }
    }
  }
  Inventory inventory;
  inventory.array = {unit.unit,
                     machine.array.rows,
                     machine.array.cols,
                     unit.lanes,
                     std::max(1, group),
                     unit.accumulator_bits,
                     machine.array.dataflow != Dataflow::output_stationary,
                     0};
  for (const Schedule& schedule : schedules) {
    for (const ScheduledOperation& operation : schedule.operations) {
      if (operation.unit.empty()) continue;
      std::int64_t& bits = inventory.array.second_register_bits;
      bits = std::max(bits, second_register_bits(machine.array, operation));
    }
  }
  inventory.vector_lanes = machine.vector_unit.lanes;
  inventory.razor_groups_per_cycle = machine.razor_unit.groups_per_cycle;
  inventory.razor_group = machine.razor_unit.group;
  inventory.weight_buffer = buffer(machine.weight_buffer);
  inventory.activation_buffer = buffer(machine.activation_buffer);
  inventory.output_buffer = buffer(machine.output_buffer);
  if (machine.kv_cache.on_chip()) inventory.kv_cache = buffer(machine.kv_cache.buffer());
  inventory.staging_buffer = {Bytes(machine.razor_unit.staging_kib * 1024), 1, Bits(512)};
  // "ddr4-3200" -> "DDR4": the technology table prices the pins by standard.
  std::string standard = machine.dram.name.substr(0, machine.dram.name.find('-'));
  std::transform(standard.begin(), standard.end(), standard.begin(),
                 [](unsigned char c) { return std::toupper(c); });
  inventory.dram_interface = standard;
  return inventory;
}

RunResult assemble(const MachineSpec& machine, const std::vector<Operation>& operations,
                   const Schedule& schedule, const Measurement& measured,
                   const Inventory& inventory, const TechnologyTable& technology,
                   const std::vector<ProductStatistics>& statistics) {
  return Assembly(machine, operations, schedule, measured, inventory, technology, statistics).run();
}

}  // namespace razorsim
