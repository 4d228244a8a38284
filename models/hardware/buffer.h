// SPDX-License-Identifier: Apache-2.0
// An on-chip scratchpad as storage: room by the byte, panels that become ready and are given back.
// Port limits are in the tile's cost; what a double buffer is good for follows from the room.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <systemc>
#include <unordered_map>

#include "models/base/cause.h"
#include "models/base/units.h"
#include "models/hardware/gauge.h"

namespace razorsim {

/// One module takes room, in its order of time; others fill and give back. As in a Channel each is
/// at a time of its own, `at`, no earlier than the kernel's.
class Buffer {
 public:
  Buffer(std::string name, Bytes capacity) : name_(std::move(name)), capacity_(capacity) {}

  /// Takes `bytes` once they are free, when `at` becomes. Throws Defect where they never can be.
  void take(Bytes bytes, Picoseconds& at);
  void give_back(Bytes bytes, Picoseconds at);

  /// A panel of `bytes`, not yet filled; takes room as take() does.
  void reserve(std::int64_t panel, Bytes bytes, Picoseconds& at);
  /// The panel's last byte is there; `cause` is what delayed it.
  void fill(std::int64_t panel, Cause cause, Picoseconds at);
  /// Waits until the panel is filled, when `at` becomes; returns the cause of its delay.
  [[nodiscard]] Cause await(std::int64_t panel, Picoseconds& at);
  /// When a panel that was awaited became ready.
  [[nodiscard]] Picoseconds filled_at(std::int64_t panel) const {
    return panels_.at(panel).filled_at;
  }
  void release(std::int64_t panel, Picoseconds at);

  [[nodiscard]] Gauge& gauge() { return gauge_; }  ///< bytes taken
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] Bytes capacity() const { return capacity_; }
  [[nodiscard]] bool empty() const { return used_.count() == 0 && panels_.empty(); }

 private:
  struct Panel {
    Bytes bytes;
    bool filled = false;
    Cause cause = Cause::dependence;
    Picoseconds filled_at{};
  };
  /// Room given back from `at` on.
  struct Return {
    Picoseconds at;
    Bytes bytes;
  };

  std::string name_;
  Bytes capacity_;
  Bytes used_;                  ///< taken and not given back at any time
  Bytes returning_;             ///< sum of returns_
  std::deque<Return> returns_;  ///< what the taker has not come to yet, in order of time
  std::unordered_map<std::int64_t, Panel> panels_;
  Gauge gauge_;
  bool taker_waits_ = false;
  int waiting_ = 0;  ///< for a panel
  sc_core::sc_event freed_;
  sc_core::sc_event filled_;
};

}  // namespace razorsim
