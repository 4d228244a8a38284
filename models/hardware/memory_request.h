// SPDX-License-Identifier: Apache-2.0
// What an initiator may tell the DRAM beyond the TLM payload, and what the DRAM tells back.
#pragma once

#include <cstdint>
#include <tlm>

#include "models/base/cause.h"
#include "models/base/units.h"

namespace razorsim {

/// TLM extension of a burst sent through b_transport. Without it a payload is one contiguous burst
/// of its data length. With it the burst is `lines` pieces of `line` bytes whose starts lie `pitch`
/// bytes apart (2-D burst); the payload's data length is lines * line. The target fills `delay`:
/// how the time from the call to the last byte divides by cause (sums to that time).
struct MemoryBurst : tlm::tlm_extension<MemoryBurst> {
  std::int64_t lines = 1;
  Bytes line;
  Bytes pitch;
  ByCause<Picoseconds> delay;

  [[nodiscard]] tlm::tlm_extension_base* clone() const override { return new MemoryBurst(*this); }
  void copy_from(const tlm::tlm_extension_base& other) override {
    *this = static_cast<const MemoryBurst&>(other);
  }
};

}  // namespace razorsim
