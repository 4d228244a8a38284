// SPDX-License-Identifier: Apache-2.0
// The one arrow between two modules: a bounded queue of tokens, each of which becomes visible at a
// time of its own (the latency of what produced it).
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <systemc>
#include <utility>
#include <vector>

#include "models/base/cause.h"
#include "models/base/errors.h"
#include "models/hardware/clock.h"
#include "models/hardware/gauge.h"

namespace razorsim {

/// A token on its way: what it is, when it was issued to the machine, and what delayed it last.
template <class T>
struct Token {
  T value{};
  Picoseconds issued;
  Cause cause = Cause::dependence;
};

/// One producer, one consumer. `full_cause` is what a producer that finds it full is waiting for.
template <class T>
class Channel {
 public:
  Channel(std::string name, std::int64_t depth, Cause full_cause)
      : name_(std::move(name)), full_cause_(full_cause) {
    promise(depth > 0, name_, ": a channel needs room for a token");
    places_.resize(static_cast<std::size_t>(depth));
  }

  /// Waits for room. The consumer sees the token `latency` after it was accepted, and never before
  /// an earlier one.
  void push(Token<T> token, Picoseconds latency = {}) {
    while (tokens_ == places_.size()) sc_core::wait(popped_);
    last_ready_ = std::max(now() + latency, last_ready_);
    Place& place = places_[(first_ + tokens_++) % places_.size()];
    place.ready = last_ready_;
    place.token = std::move(token);
    most_ = std::max(most_, tokens_);
    ++pushes_;
    gauge_.show(static_cast<std::int64_t>(tokens_));
    pushed_.notify();
  }

  /// Waits for a token and for its time.
  [[nodiscard]] Token<T> pop() {
    while (tokens_ == 0) sc_core::wait(pushed_);
    Place& place = places_[first_];
    if (place.ready > now()) sc_core::wait(as_time(place.ready - now()));
    Token<T> token = std::move(place.token);
    first_ = (first_ + 1) % places_.size();
    --tokens_;
    gauge_.show(static_cast<std::int64_t>(tokens_));
    popped_.notify();
    return token;
  }

  [[nodiscard]] Gauge& gauge() { return gauge_; }  ///< tokens in it
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::int64_t depth() const { return static_cast<std::int64_t>(places_.size()); }
  [[nodiscard]] Cause full_cause() const { return full_cause_; }
  [[nodiscard]] bool empty() const { return tokens_ == 0; }
  [[nodiscard]] std::int64_t most() const {  ///< largest occupancy seen
    return static_cast<std::int64_t>(most_);
  }
  [[nodiscard]] std::int64_t pushes() const { return pushes_; }  ///< tokens accepted

 private:
  struct Place {
    Picoseconds ready;  ///< when its token may be seen
    Token<T> token;
  };

  std::string name_;
  Cause full_cause_;
  std::vector<Place> places_;  ///< a ring
  std::size_t first_ = 0, tokens_ = 0, most_ = 0;
  Picoseconds last_ready_;
  std::int64_t pushes_ = 0;
  Gauge gauge_;
  sc_core::sc_event pushed_;
  sc_core::sc_event popped_;
};

}  // namespace razorsim
