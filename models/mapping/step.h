// SPDX-License-Identifier: Apache-2.0
// What a mapping asks of the machine, one panel or one tile at a time. Numbers only: a module needs
// nothing else to know how long it works, a value path nothing else to know what is computed.
#pragma once

#include <cstdint>

#include "models/base/index_range.h"
#include "models/mapping/geometry.h"

namespace razorsim {

/// No panel.
inline constexpr std::int64_t no_panel = -1;

/// A panel for one of the two operand buffers. `reserved` panels are filled on chip, by the razor
/// unit; naming them in order of use keeps buffer space from running into a deadlock.
struct Load {
  std::int64_t panel = no_panel;
  int operation = 0;
  bool to_weight_buffer = false;
  bool reserved = false;
  PanelBytes bytes;
  std::int64_t address = 0;
};

/// A block of one product: c[m, n] (+)= a[m, k] w[n, k] of one head.
struct Tile {
  std::int64_t head = 0;
  IndexRange m;
  IndexRange n;
  IndexRange k;
  std::int64_t left = no_panel;
  std::int64_t right = no_panel;
  bool release_left = false;
  bool release_right = false;
  bool first_k = true;  ///< starts the sums
  bool wide_right =
      false;  ///< the right operand is V at its base, the residual of incomplete groups
  bool right_cached = false;  ///< the right operand is read in place in the K and V cache on chip
  CoreCycles preload;     ///< cycles to bring the first fold of an operand that stays into place;
                          ///< may pass while the tile before is at work
  CoreCycles beats;       ///< cycles from the first operands' entry to the last's
  CoreCycles last_fold;   ///< the last of these: the next tile's preload may begin with them
  CoreCycles port_stall;  ///< further cycles the buffers' ports need to deliver operands
  CoreCycles skew;        ///< cycles from the last operands' entry to the last sum's exit
  std::int64_t macs = 0;
  std::int64_t products = 0;    ///< macs times passes
  std::int64_t shifts = 0;      ///< group sums that go through a shifter
  std::int64_t group_ends = 0;  ///< additions to wide sums
  PanelBytes left_read;         ///< bytes read from the activation buffer
  PanelBytes right_read;        ///< bytes read from the weight buffer, or the K and V cache
};

/// One tile on its way from the array to memory; a vector operation's rows are one without a
/// product.
struct Job {
  int pass = 0;
  int operation = 0;          ///< whose work it is until it leaves the array
  int vector_operation = -1;  ///< whose work the vector unit does; -1: that of `operation`
  bool has_tile = false;
  Tile tile;
  IndexRange rows;  ///< of the output: of the whole operation in products, tokens in attention
  IndexRange cols;
  std::int64_t head = 0;
  bool to_accumulator =
      false;  ///< the sums are complete: the tile goes on to accumulator and vector unit
  Bytes accumulator_room;  ///< taken before the first slab, given back by the vector unit
  Bytes accumulator_release;
  std::int64_t aux = no_panel;  ///< panel of the activation buffer that the vector unit reads
  PanelBytes aux_bytes;
  std::int64_t vector_elements = 0;
  std::int64_t vector_steps =
      0;                    ///< elementary operations of the vector unit, all elements together
  bool ends_vector = true;  ///< false: held in the vector unit for a later tile (pair, whole rows)
  std::int64_t razor_groups = 0;  ///< groups to encode; 0 passes the razor unit by
  std::int64_t razor_sweeps = 1;  ///< 2 with a dynamic scale: maximum, then encoding
  bool holds_rows = false;        ///< waits in the staging buffer for the rest of its rows
  std::int64_t chip_panel =
      no_panel;       ///< output stays on chip, in this panel of the activation buffer
  PanelBytes output;  ///< else it goes to DRAM
  std::int64_t output_address = 0;
  bool last_of_pass = false;

  /// Elements of the block once its vector work is done.
  [[nodiscard]] std::int64_t output_elements() const {
    return has_tile ? tile.m.size() * cols.size() : vector_elements;
  }
};

/// Takes the steps of a program in order. May block (the sequencer waits while its channels are
/// full).
class StepSink {
 public:
  virtual ~StepSink() = default;
  virtual void load(const Load& load) = 0;
  virtual void job(const Job& job) = 0;

  /// A load whose panel has a number no other panel of the run has.
  [[nodiscard]] Load new_load(int operation, bool to_weight_buffer) {
    Load load;
    load.panel = panels_++;
    load.operation = operation;
    load.to_weight_buffer = to_weight_buffer;
    return load;
  }

 private:
  std::int64_t panels_ = 0;
};

}  // namespace razorsim
