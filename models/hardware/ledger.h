// SPDX-License-Identifier: Apache-2.0
// Where a module's time went. Every picosecond of every module is busy, waiting (with one cause) or
// idle.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "models/base/cause.h"
#include "models/base/fields.h"
#include "models/base/units.h"

namespace razorsim {

/// The four ways a module spends time; they sum to the length of the run.
struct ModuleTime {
  Picoseconds busy;
  ByCause<Picoseconds> waiting_in;   ///< for something from before it, by what delayed that
  ByCause<Picoseconds> waiting_out;  ///< for room after it
  Picoseconds idle;                  ///< no operation had been issued to it

  [[nodiscard]] Picoseconds total() const {
    return busy + waiting_in.sum() + waiting_out.sum() + idle;
  }
  ModuleTime& operator+=(const ModuleTime& other) {
    busy += other.busy;
    waiting_in += other.waiting_in;
    waiting_out += other.waiting_out;
    idle += other.idle;
    return *this;
  }
  bool operator==(const ModuleTime&) const = default;
};
template <>
inline constexpr auto fields<ModuleTime> = field_table<ModuleTime>(
    field("busy_ps", &ModuleTime::busy, "ps", non_negative, "time the module worked"),
    field("waiting_in_ps", &ModuleTime::waiting_in, "ps", any_value,
          "time it had work but lacked an input, by cause"),
    field("waiting_out_ps", &ModuleTime::waiting_out, "ps", any_value,
          "time it had finished but lacked room ahead, by cause"),
    field("idle_ps", &ModuleTime::idle, "ps", non_negative,
          "time no operation had been issued to it"));

enum class Activity { busy, waiting_in, waiting_out };
template <>
inline constexpr auto enum_names<Activity> = std::to_array<EnumName<Activity>>({
    {Activity::busy, "busy", "the module worked"},
    {Activity::waiting_in, "waiting_in", "it lacked an input"},
    {Activity::waiting_out, "waiting_out", "it lacked room ahead"},
});

/// One stretch of a module's time, for the timeline. `operation` indexes the run's operations.
struct Slice {
  Picoseconds begin;
  Picoseconds end;
  Activity activity = Activity::busy;
  Cause cause = Cause::dependence;  ///< meaningless while busy
  int operation = -1;

  bool operator==(const Slice&) const = default;
};
template <>
inline constexpr auto fields<Slice> = field_table<Slice>(
    field("begin_ps", &Slice::begin, "ps", non_negative, "when it began"),
    field("end_ps", &Slice::end, "ps", non_negative, "when it ended"),
    field("activity", &Slice::activity, "", any_value, "what the module did"),
    field("cause", &Slice::cause, "", any_value, "why it waited; meaningless while busy"),
    field("operation", &Slice::operation, "", at_least(-1), "index of the operation, -1 for none"));

/// Keeps a module's ModuleTime, gap-free: each entry begins where the last one ended.
class Ledger {
 public:
  explicit Ledger(std::string name) : name_(std::move(name)) {}

  void keep_slices(bool keep) {
    keep_slices_ = keep;
    if (keep) slices_.reserve(std::size_t{1} << 14);  // address space; growing would touch it twice
  }

  /// The module worked until `now`.
  void busy_until(Picoseconds now, int operation) {
    close(now, Activity::busy, Cause::dependence, operation);
  }
  /// The module lacked an input until `now`; up to `issued` nobody had given it any work.
  void waited_in_until(Picoseconds now, Picoseconds issued, Cause cause, int operation);
  void waited_out_until(Picoseconds now, Cause cause, int operation) {
    close(now, Activity::waiting_out, cause, operation);
  }
  void idle_until(Picoseconds now);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const ModuleTime& time() const { return time_; }
  [[nodiscard]] Picoseconds covered() const { return covered_; }
  [[nodiscard]] std::span<const Slice> slices() const { return slices_; }
  /// None are left behind.
  [[nodiscard]] std::vector<Slice> take_slices() { return std::exchange(slices_, {}); }

 private:
  void close(Picoseconds now, Activity activity, Cause cause, int operation);

  std::string name_;
  ModuleTime time_;
  Picoseconds covered_;
  bool keep_slices_ = false;
  std::vector<Slice> slices_;
};

}  // namespace razorsim
