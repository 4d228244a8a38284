// SPDX-License-Identifier: Apache-2.0
// An on-chip scratchpad as storage: room by the byte, panels that become ready and are given back.
// Port limits are in the tile's cost; what a double buffer is good for follows from the room.
#pragma once

#include <cstdint>
#include <string>
#include <systemc>
#include <unordered_map>

#include "models/base/cause.h"
#include "models/base/units.h"
#include "models/hardware/gauge.h"

namespace razorsim {

class Buffer {
 public:
  Buffer(std::string name, Bytes capacity) : name_(std::move(name)), capacity_(capacity) {}

  /// Waits until `bytes` are free and takes them. Throws Defect where they never can be.
  void take(Bytes bytes);
  void give_back(Bytes bytes);

  /// A panel of `bytes`, not yet filled; waits for room as take() does.
  void reserve(std::int64_t panel, Bytes bytes);
  /// The panel's last byte is there; `cause` is what delayed it.
  void fill(std::int64_t panel, Cause cause);
  /// Waits until the panel is filled; returns the cause of its delay.
  [[nodiscard]] Cause await(std::int64_t panel);
  [[nodiscard]] bool ready(std::int64_t panel) const;
  /// When a panel that is ready became so.
  [[nodiscard]] Picoseconds filled_at(std::int64_t panel) const {
    return panels_.at(panel).filled_at;
  }
  void release(std::int64_t panel);

  [[nodiscard]] Gauge& gauge() { return gauge_; }  ///< bytes taken
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] Bytes capacity() const { return capacity_; }
  [[nodiscard]] Bytes used() const { return used_; }
  [[nodiscard]] Bytes most_used() const { return most_; }
  [[nodiscard]] bool empty() const { return used_.count() == 0 && panels_.empty(); }

 private:
  struct Panel {
    Bytes bytes;
    bool filled = false;
    Cause cause = Cause::dependence;
    Picoseconds filled_at{};
  };

  std::string name_;
  Bytes capacity_;
  Bytes used_;
  Bytes most_;
  std::unordered_map<std::int64_t, Panel> panels_;
  Gauge gauge_;
  sc_core::sc_event freed_;
  sc_core::sc_event filled_;
};

}  // namespace razorsim
