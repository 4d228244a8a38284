// SPDX-License-Identifier: Apache-2.0
#include "sim/machine/accelerator.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <functional>
#include <systemc>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "models/formats/format.h"
#include "models/hardware/accumulator.h"
#include "models/hardware/buffer.h"
#include "models/hardware/channel.h"
#include "models/hardware/clock.h"
#include "models/hardware/dma.h"
#include "models/hardware/dram.h"
#include "models/hardware/kv_cache.h"
#include "models/hardware/razor_unit.h"
#include "models/hardware/sequencer.h"
#include "models/hardware/vector_unit.h"
#include "sim/machine/machine_waves.h"

namespace razorsim {
namespace {

/// What the razor unit does with each operation's output.
std::vector<RazorOutput> razor_outputs(const MachineSpec& machine,
                                       const std::vector<Operation>& operations,
                                       const Schedule& schedule) {
  const std::vector<bool> cached = cached_outputs(operations);
  std::vector<RazorOutput> outputs;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const ScheduledOperation& each = schedule.operations[i];
    outputs.push_back(
        {traits_of(each.output).has_groups ? each.output.group : machine.razor_unit.group,
         machine.kv_cache.on_chip() && cached[i],
         schedule.passes[static_cast<std::size_t>(each.pass)].programs.size() > 1});
  }
  return outputs;
}

Bytes memory_size(const DramSpec& dram) {
  return Bytes(dram.organisation.channel_capacity().count() * dram.organisation.all_channels());
}

/// Keeps an exception of the numbers: SystemC would turn it into a report of its own and lose its
/// kind.
class GuardedNumbers : public ValuePath, public ArrayModel {
 public:
  GuardedNumbers(ArrayModel* model, ValuePath* values)
      : tile_(values), model_(model != nullptr ? model : &tile_), values_(values) {}

  TileTiming run(const Job& job) override {
    TileTiming timing{job.tile.preload, job.tile.beats, job.tile.skew, 0};
    guard([&] { timing = model_->run(job); });
    return timing;
  }
  void placed(const Job& job, Picoseconds cycle_0) override { model_->placed(job, cycle_0); }
  void multiply(const Job& job) override { values_->multiply(job); }
  TileValues tile_values(const Job& job) override { return values_->tile_values(job); }
  void store(const Job& job, const std::vector<std::int64_t>& sums) override {
    values_->store(job, sums);
  }
  void vector(const Job& job) override {
    guard([&] { values_->vector(job); });
  }
  void razor(const Job& job) override {
    guard([&] { values_->razor(job); });
  }

  void finish() override {
    if (fault_) std::rethrow_exception(fault_);
    if (values_ != nullptr) values_->finish();
  }
  [[nodiscard]] std::int64_t overflows(int operation) const override {
    return values_ != nullptr ? values_->overflows(operation) : 0;
  }

 private:
  template <class Call>
  void guard(const Call& call) {
    if (fault_) return;
    try {
      call();
    } catch (...) {
      fault_ = std::current_exception();
      sc_core::sc_stop();
    }
  }

  TileArray tile_;
  ArrayModel* model_;
  ValuePath* values_;
  std::exception_ptr fault_;
};

/// All modules of one machine, in the order of the data path.
class Accelerator {
 public:
  Accelerator(const MachineSpec& machine, const std::vector<Operation>& operations,
              const Schedule& schedule, ArrayModel* model, ValuePath* values)
      : operations_(operations),
        schedule_(schedule),
        clock_(core_period(machine)),
        log_(operations.size()),
        weight_loads_("weight_loads", machine.sequencer.tiles_ahead, Cause::buffer_full),
        activation_loads_("activation_loads", machine.sequencer.tiles_ahead, Cause::buffer_full),
        jobs_("jobs", machine.sequencer.tiles_ahead, Cause::array),
        // Sums on their way out are in the array's own registers, so only a slow accumulator holds
        // it up.
        sums_("sums", 64, Cause::fill_drain),
        tiles_("tiles", 1, Cause::vector_unit),
        outputs_("outputs", 1, Cause::razor_unit),
        writes_("writes", 64, Cause::bandwidth),
        weights_("weight_buffer", machine.weight_buffer.capacity()),
        activations_("activation_buffer", machine.activation_buffer.capacity()),
        accumulators_("output_buffer.sums", shape_of(machine).accumulator_room),
        output_room_("output_buffer.outputs", shape_of(machine).output_room),
        numbers_(model, values),
        dram_("dram", machine.dram),
        weight_dma_("weight_dma", machine.dma, clock_, memory_size(machine.dram), weight_loads_,
                    weights_, log_),
        activation_dma_("activation_dma", machine.dma, clock_, memory_size(machine.dram),
                        activation_loads_, activations_, log_),
        output_dma_("output_dma", machine.dma, clock_, memory_size(machine.dram), writes_,
                    output_room_, log_, pass_done_),
        array_("array", machine.array.dataflow, clock_, numbers_, jobs_, sums_, activations_,
               weights_, accumulators_, log_),
        accumulator_("accumulator", machine.accumulator, clock_,
                     machine.array.rows * machine.array.cols,
                     Bytes(ceil_div(schedule.unit.accumulator_bits, 8)), sums_, tiles_, log_),
        vector_unit_("vector_unit", machine.vector_unit, clock_, tiles_, outputs_, activations_,
                     accumulators_, values != nullptr ? &numbers_ : nullptr, log_),
        razor_unit_("razor_unit", machine.razor_unit, clock_,
                    razor_outputs(machine, operations, schedule),
                    machine.kv_cache.buffer().bytes_per_cycle(), outputs_, writes_, activations_,
                    output_room_, values != nullptr ? &numbers_ : nullptr, log_),
        sequencer_("sequencer", schedule, operations, weight_loads_, activation_loads_, jobs_, log_,
                   pass_done_, [this](int pass, bool new_layer) { before_pass(pass, new_layer); }) {
    weight_dma_.socket.bind(dram_.socket);
    activation_dma_.socket.bind(dram_.socket);
    output_dma_.socket.bind(dram_.socket);
    for (Ledger* ledger : ledgers()) ledger->keep_slices(true);
  }

  void show(MachineGauges& gauges) {
    const auto depth = [&](auto&... channel) {
      (gauges.add(channel.gauge(), "channels", channel.name(), channel.depth()), ...);
    };
    depth(weight_loads_, activation_loads_, jobs_, sums_, tiles_, outputs_, writes_);
    for (Buffer* buffer : {&weights_, &activations_, &accumulators_, &output_room_})
      gauges.add(buffer->gauge(), buffer->name(), "bytes", buffer->capacity().count());
  }

  Measurement run() {
    sc_core::sc_start();
    numbers_.finish();
    promise(sequencer_.finished(),
            fmt::format("the machine stopped at {} ps before the schedule's end", now().count()));
    check_empty();
    Measurement measured;
    measured.time = now();
    measured.core_period = clock_.period();
    measured.counters = log_.all();
    for (std::size_t i = 0; i < measured.counters.size(); ++i)
      measured.counters[i].overflows += numbers_.overflows(static_cast<int>(i));
    measured.dram_by_pass = std::move(dram_by_pass_);
    measured.passes = std::move(passes_);
    const std::span<const Slice> path[] = {
        array_.ledger().slices(), vector_unit_.ledger().slices(), razor_unit_.ledger().slices(),
        accumulator_.ledger().slices(), output_dma_.ledger().slices()};
    measured.operation_times = attribute(operations_, path, measured.passes);
    for (Ledger* ledger : ledgers()) {
      if (ledger->covered() < now()) ledger->idle_until(now());
      promise(ledger->time().total() == now(), ledger->name(),
              ": busy, waiting and idle do not add up to the run");
      measured.modules.push_back({ledger->name(), ledger->time(), ledger->take_slices()});
    }
    return measured;
  }

 private:
  [[nodiscard]] std::vector<Ledger*> ledgers() {
    return {&sequencer_.ledger(),  &weight_dma_.ledger(),  &activation_dma_.ledger(),
            &array_.ledger(),      &accumulator_.ledger(), &vector_unit_.ledger(),
            &razor_unit_.ledger(), &output_dma_.ledger()};
  }

  /// Closes the pass before `pass`: what the memory did in it, and when it ended.
  void before_pass(int pass, bool new_layer) {
    // What a pass reads may be what the one before wrote, so its last byte must be in the device.
    dram_.drain();
    wait_until(clock_.edge(now()));
    dram_.finish();
    for (DmaEngine* engine :
         {static_cast<DmaEngine*>(&weight_dma_), static_cast<DmaEngine*>(&activation_dma_),
          static_cast<DmaEngine*>(&output_dma_)}) {
      engine->settle();
    }
    if (pass > 0) {
      const ScheduledPass& ended = schedule_.passes[static_cast<std::size_t>(pass) - 1];
      passes_.push_back({pass_began_, now(), ended.pass.operations.back()});
      dram_by_pass_.push_back(minus(dram_.counters(), dram_before_));
    }
    if (new_layer) dram_.reset_state();
    dram_before_ = dram_.counters();
    pass_began_ = now();
  }

  template <class T>
  static T minus(T whole, const T& part) {
    for_each_field<T>([&](const auto& each) {
      using Member = typename std::remove_cvref_t<decltype(each)>::type;
      if constexpr (Described<Member>) {
        whole.*each.member = minus(whole.*each.member, part.*each.member);
      } else {
        whole.*each.member -= part.*each.member;
      }
    });
    return whole;
  }

  void check_empty() const {
    promise(weight_loads_.empty() && activation_loads_.empty() && jobs_.empty() && sums_.empty() &&
                tiles_.empty() && outputs_.empty() && writes_.empty(),
            "a channel is not empty at the end");
    for (const Buffer* buffer : {&weights_, &activations_, &accumulators_, &output_room_}) {
      promise(buffer->empty(), buffer->name(), " is not empty at the end");
    }
    promise(razor_unit_.empty(), "the razor unit's staging buffer is not empty at the end");
  }

  const std::vector<Operation>& operations_;
  const Schedule& schedule_;
  CoreClockDomain clock_;
  OperationLog log_;
  sc_core::sc_event pass_done_;
  Channel<Load> weight_loads_;
  Channel<Load> activation_loads_;
  Channel<Job> jobs_;
  Channel<Job> sums_;
  Channel<Job> tiles_;
  Channel<Job> outputs_;
  Channel<Job> writes_;
  Buffer weights_;
  Buffer activations_;
  Buffer accumulators_;
  Buffer output_room_;
  GuardedNumbers numbers_;
  Dram dram_;
  DmaReader weight_dma_;
  DmaReader activation_dma_;
  DmaWriter output_dma_;
  Array array_;
  Accumulator accumulator_;
  VectorUnit vector_unit_;
  RazorUnit razor_unit_;
  Sequencer sequencer_;

  Picoseconds pass_began_;
  DramCounters dram_before_;
  std::vector<DramCounters> dram_by_pass_;
  std::vector<PassSpan> passes_;
};

}  // namespace

Picoseconds core_period(const MachineSpec& machine) {
  return Picoseconds(std::max<std::int64_t>(1, std::llround(1e6 / machine.clock_mhz)));
}

MachineShape shape_of(const MachineSpec& machine) {
  MachineShape shape;
  // Where activations stay, they lie along the columns.
  const bool turned = machine.array.dataflow == Dataflow::input_stationary;
  shape.rows = turned ? machine.array.cols : machine.array.rows;
  shape.cols = turned ? machine.array.rows : machine.array.cols;
  shape.weight_buffer = machine.weight_buffer.capacity();
  shape.activation_buffer = machine.activation_buffer.capacity();
  shape.accumulator_room = Bytes(machine.output_buffer.capacity().count() / 2);
  shape.output_room = machine.output_buffer.capacity() - shape.accumulator_room;
  shape.staging = Bytes(machine.razor_unit.staging_kib * 1024);
  shape.weight_port = machine.weight_buffer.bytes_per_cycle();
  shape.activation_port = machine.activation_buffer.bytes_per_cycle();
  shape.kv_on_chip = machine.kv_cache.on_chip();
  shape.kv_port = machine.kv_cache.buffer().bytes_per_cycle();
  shape.dram_bytes_per_cycle = peak_bytes_per_second(machine.dram) * 1e-12 *
                               static_cast<double>(core_period(machine).count());
  shape.burst = Bytes(machine.dma.burst_bytes);
  shape.bursts_in_flight = machine.dma.bursts_in_flight;
  const DramTiming& timing = machine.dram.timing;
  // A burst among others waits about as long again for the row and twice for its turn (measured on
  // the default machine); only the choice of tiles depends on it.
  const std::int64_t latency =
      4 * (timing.rcd_read + timing.cl + timing.burst).count() * timing.clock.count();
  shape.dram_latency_cycles =
      static_cast<double>(latency) / static_cast<double>(core_period(machine).count());
  shape.vector_lanes = machine.vector_unit.lanes;
  return shape;
}

Measurement simulate(const MachineSpec& machine, const std::vector<Operation>& operations,
                     const Schedule& schedule, ArrayModel* model, ValuePath* values,
                     MachineGauges* gauges) {
  // Standard output is the result's alone.
  sc_core::sc_report_handler::set_actions("/OSCI/SystemC", sc_core::SC_INFO,
                                          sc_core::SC_DO_NOTHING);
  Accelerator accelerator(machine, operations, schedule, model, values);
  if (gauges != nullptr) accelerator.show(*gauges);
  return accelerator.run();
}

}  // namespace razorsim
