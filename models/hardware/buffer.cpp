// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/buffer.h"

#include <algorithm>

#include "models/base/errors.h"
#include "models/hardware/clock.h"

namespace razorsim {

void Buffer::take(Bytes bytes) {
  promise(bytes <= capacity_, name_, ": a panel larger than the buffer");
  while (used_ + bytes > capacity_) sc_core::wait(freed_);
  used_ += bytes;
  most_ = std::max(most_, used_);
  gauge_.show(used_.count());
}

void Buffer::give_back(Bytes bytes) {
  promise(bytes <= used_, name_, ": more given back than taken");
  used_ -= bytes;
  gauge_.show(used_.count());
  freed_.notify();
}

void Buffer::reserve(std::int64_t panel, Bytes bytes) {
  take(bytes);
  promise(panels_.try_emplace(panel, Panel{.bytes = bytes}).second, name_,
          ": a panel reserved twice");
}

void Buffer::fill(std::int64_t panel, Cause cause) {
  Panel& filled = panels_.at(panel);
  filled.filled = true;
  filled.cause = cause;
  filled.filled_at = now();
  filled_.notify();
}

bool Buffer::ready(std::int64_t panel) const {
  const auto found = panels_.find(panel);
  return found != panels_.end() && found->second.filled;
}

Cause Buffer::await(std::int64_t panel) {
  while (!ready(panel)) sc_core::wait(filled_);
  return panels_.at(panel).cause;
}

void Buffer::release(std::int64_t panel) {
  const auto found = panels_.find(panel);
  promise(found != panels_.end() && found->second.filled, name_,
          ": release of a panel that is not there");
  const Bytes bytes = found->second.bytes;
  panels_.erase(found);
  give_back(bytes);
}

}  // namespace razorsim
