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
///
/// Each side is at a time of its own, `at`, no earlier than the kernel's: who knows all that a step
/// depends on need not wait for the step's time to come (docs/architecture.md, Modules run ahead).
/// A side waits in the kernel only until the other has made up its mind.
template <class T>
class Channel {
 public:
  Channel(std::string name, std::int64_t depth, Cause full_cause)
      : name_(std::move(name)), full_cause_(full_cause) {
    promise(depth > 0, name_, ": a channel needs room for a token");
    places_.resize(static_cast<std::size_t>(depth));
  }

  /// Hands over a token once there is room, when `at` becomes. The consumer sees it `latency` after
  /// that, and never before an earlier one.
  void push(const Token<T>& token, Picoseconds& at, Picoseconds latency = {}) {
    while (tokens_ == places_.size()) sc_core::wait(popped_);
    Place& place = places_[(first_ + tokens_++) % places_.size()];
    at = std::max(at, place.left);
    last_ready_ = std::max(at + latency, last_ready_);
    place.ready = last_ready_;
    place.token = token;
    gauge_.grow(at, 1);
    pushed_.notify();
  }

  /// Takes the next token once it is visible, when `at` becomes.
  [[nodiscard]] Token<T> pop(Picoseconds& at) {
    while (tokens_ == 0) sc_core::wait(pushed_);
    Place& place = places_[first_];
    at = std::max(at, place.ready);
    place.left = at;
    first_ = (first_ + 1) % places_.size();
    --tokens_;
    gauge_.grow(at, -1);
    popped_.notify();
    return place.token;
  }
  /// For a consumer at the kernel's time: waits for the token's.
  [[nodiscard]] Token<T> pop() {
    while (tokens_ == 0) sc_core::wait(pushed_);
    Picoseconds at = now();
    Token<T> token = pop(at);
    wait_until(at);
    return token;
  }

  [[nodiscard]] Gauge& gauge() { return gauge_; }  ///< tokens in it
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::int64_t depth() const { return static_cast<std::int64_t>(places_.size()); }
  [[nodiscard]] Cause full_cause() const { return full_cause_; }
  [[nodiscard]] bool empty() const { return tokens_ == 0; }

 private:
  struct Place {
    Picoseconds ready;  ///< when its token may be seen
    Picoseconds left;   ///< when the one before it did
    Token<T> token;
  };

  std::string name_;
  Cause full_cause_;
  std::vector<Place> places_;  ///< a ring
  std::size_t first_ = 0, tokens_ = 0;
  Picoseconds last_ready_;
  Gauge gauge_;
  sc_core::sc_event pushed_;
  sc_core::sc_event popped_;
};

}  // namespace razorsim
