// SPDX-License-Identifier: Apache-2.0
// The one arrow between two modules: a bounded queue of tokens, each of which becomes visible at a
// time of its own (the latency of what produced it).
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <systemc>
#include <utility>

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
      : name_(std::move(name)), depth_(depth), full_cause_(full_cause) {
    promise(depth > 0, name_ + ": a channel needs room for a token");
  }

  /// Waits for room. The consumer sees the token `latency` after it was accepted, and never before
  /// an earlier one.
  void push(Token<T> token, Picoseconds latency = {}) {
    while (static_cast<std::int64_t>(tokens_.size()) >= depth_) sc_core::wait(popped_);
    const Picoseconds ready = std::max(now() + latency, last_ready_);
    last_ready_ = ready;
    tokens_.emplace_back(ready, std::move(token));
    most_ = std::max(most_, static_cast<std::int64_t>(tokens_.size()));
    ++pushes_;
    gauge_.show(static_cast<std::int64_t>(tokens_.size()));
    pushed_.notify();
  }

  /// Waits for a token and for its time.
  [[nodiscard]] Token<T> pop() {
    while (tokens_.empty()) sc_core::wait(pushed_);
    if (tokens_.front().first > now()) sc_core::wait(as_time(tokens_.front().first - now()));
    Token<T> token = std::move(tokens_.front().second);
    tokens_.pop_front();
    gauge_.show(static_cast<std::int64_t>(tokens_.size()));
    popped_.notify();
    return token;
  }

  [[nodiscard]] Gauge& gauge() { return gauge_; }  ///< tokens in it
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::int64_t depth() const { return depth_; }
  [[nodiscard]] Cause full_cause() const { return full_cause_; }
  [[nodiscard]] bool empty() const { return tokens_.empty(); }
  [[nodiscard]] std::int64_t most() const { return most_; }      ///< largest occupancy seen
  [[nodiscard]] std::int64_t pushes() const { return pushes_; }  ///< tokens accepted

 private:
  std::string name_;
  std::int64_t depth_;
  Cause full_cause_;
  std::deque<std::pair<Picoseconds, Token<T>>> tokens_;
  Picoseconds last_ready_;
  std::int64_t most_ = 0;
  std::int64_t pushes_ = 0;
  Gauge gauge_;
  sc_core::sc_event pushed_;
  sc_core::sc_event popped_;
};

}  // namespace razorsim
