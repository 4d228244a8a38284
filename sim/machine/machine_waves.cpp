// SPDX-License-Identifier: Apache-2.0
#include "sim/machine/machine_waves.h"

#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

namespace razorsim {
namespace {

// Of `activity`: 0 idle, 1 busy, 2 waiting for an input, 3 waiting for room ahead.
constexpr std::int64_t idle = 0;
constexpr int activity_bits = 2;
constexpr int cause_bits = 4;
static_assert(cause_count <= 1U << cause_bits);
constexpr int index_bits = 16;

std::int64_t code_of(Activity activity) { return static_cast<std::int64_t>(activity) + 1; }

int bits_for(std::int64_t largest) { return std::bit_width(static_cast<std::uint64_t>(largest)); }

class Builder {
 public:
  int signal(std::string scope, std::string name, int bits) {
    waves_.signals.push_back({std::move(scope), std::move(name), bits});
    return static_cast<int>(waves_.signals.size()) - 1;
  }
  void change(Picoseconds time, int signal, std::int64_t value) {
    waves_.changes.push_back({time, signal, value});
  }

  void add(const ModuleLedger& module) {
    const int activity = signal(module.name, "activity", activity_bits);
    const int cause = signal(module.name, "cause", cause_bits);
    const int operation = signal(module.name, "operation", index_bits);
    change({}, activity, idle);
    for (const Slice& slice : module.slices) {
      change(slice.begin, activity, code_of(slice.activity));
      if (slice.activity != Activity::busy)
        change(slice.begin, cause, static_cast<std::int64_t>(slice.cause));
      change(slice.begin, operation, slice.operation);
      change(slice.end, activity, idle);  // unless the next one begins there
    }
  }

  void add(const MachineGauges::Readings& readings) {
    const int own = signal(readings.scope, readings.name, bits_for(readings.largest));
    Gauge::Changes changes = readings.changes;
    std::stable_sort(changes.begin(), changes.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::int64_t value = 0;
    change({}, own, value);
    for (const auto& [time, growth] : changes) change(time, own, value += growth);
  }

  void add(const Waveform& registers) {
    const int first = static_cast<int>(waves_.signals.size());
    waves_.signals.insert(waves_.signals.end(), registers.signals.begin(), registers.signals.end());
    for (const WaveChange& each : registers.changes)
      change(each.time, first + each.signal, each.value);
  }

  Waveform take() {
    settle(waves_);
    return std::move(waves_);
  }

 private:
  Waveform waves_;
};

}  // namespace

Waveform machine_waves(const Measurement& measured, const MachineGauges& gauges,
                       Waveform registers) {
  Builder builder;
  const int pass = builder.signal("schedule", "pass", index_bits);
  for (std::size_t i = 0; i < measured.passes.size(); ++i)
    builder.change(measured.passes[i].begin, pass, static_cast<std::int64_t>(i));
  for (const MachineGauges::Readings& each : gauges.all()) builder.add(each);
  for (const ModuleLedger& module : measured.modules) {
    builder.add(module);
    if (module.name == "array") builder.add(registers);
  }
  return builder.take();
}

}  // namespace razorsim
