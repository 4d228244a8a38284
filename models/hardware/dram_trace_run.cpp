// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/dram_trace_run.h"

#include <algorithm>

#include "models/hardware/dram_address.h"
#include "models/hardware/dram_controller.h"
#include "models/hardware/dram_energy.h"

namespace razorsim {

namespace {

/// The stream cut into transactions, each offered to its channel in file order.
class Replay {
 public:
  Replay(const DramSpec& spec, std::span<const DramTraceRequest> requests, DramLog* log)
      : spec_(spec),
        map_(spec),
        requests_(requests),
        transaction_(static_cast<std::uint64_t>(spec.organisation.transaction().count())),
        pieces_(std::max<std::uint64_t>(
            1, static_cast<std::uint64_t>(dram_trace_request_bytes.count()) / transaction_)) {
    controllers_.reserve(static_cast<std::size_t>(spec.organisation.all_channels()));
    for (std::int64_t i = 0; i < spec.organisation.all_channels(); ++i) {
      controllers_.emplace_back(spec, i);
      controllers_.back().log_to(log);
    }
  }

  DramRunResult run() {
    std::int64_t cycle = 0;
    load();
    while (request_ < requests_.size() || reads_under_way()) cycle = step(cycle);
    DramRunResult result;
    result.requests = static_cast<std::int64_t>(requests_.size());
    result.cycles = MemoryCycles(std::max(last_accepted_, last_return_));
    for (DramController& each : controllers_) each.idle_until(result.cycles.count());
    std::int64_t moved = 0;
    for (const DramController& each : controllers_)
      moved += (each.counters().read + each.counters().written).count();
    drain(result);
    summarise(result, static_cast<double>(moved));
    return result;
  }

 private:
  [[nodiscard]] bool reads_under_way() const { return reads_accepted_ > reads_issued_; }

  void load() {
    if (request_ >= requests_.size()) return;
    const std::uint64_t address =
        requests_[request_].address / transaction_ * transaction_ + piece_ * transaction_;
    const DramAddress place = map_.decode(address);
    channel_ = static_cast<std::size_t>(place.channel);
    next_ = {transactions_++, place.bank, place.row, place.column, requests_[request_].is_write};
  }

  /// Offers at `cycle`, ticks at cycle + 1, and returns the next cycle at which either can matter.
  std::int64_t step(std::int64_t cycle) {
    bool offers = request_ < requests_.size();
    if (offers && requests_[request_].earliest <= cycle &&
        controllers_[channel_].can_accept(next_)) {
      if (!next_.is_write) ++reads_accepted_;
      controllers_[channel_].accept(next_, cycle);
      last_accepted_ = cycle + 1;
      collect(controllers_[channel_]);  // of a forwarded read
      if (++piece_ == pieces_) {
        piece_ = 0;
        ++request_;
      }
      load();
      offers = request_ < requests_.size();
    }
    std::int64_t wake = DramController::never;
    for (DramController& each : controllers_) {
      if (each.wake() <= cycle + 1) {
        each.tick(cycle + 1);
        collect(each);
      }
      wake = std::min(wake, each.wake());
    }
    std::int64_t next = wake - 1;
    if (offers && controllers_[channel_].can_accept(next_)) {
      next = std::min(next, std::max(cycle + 1, requests_[request_].earliest));
    }
    return std::max(cycle + 1, next);
  }

  void collect(DramController& controller) {
    for (const DramCompletion& each : controller.completions) {
      last_write_ = std::max(last_write_, each.is_write ? each.cycle : 0);
      if (each.is_write) continue;
      ++reads_issued_;
      last_return_ = std::max(last_return_, each.cycle);
      latencies_.push_back(each.cycle - each.arrival);
    }
    controller.completions.clear();
  }

  void drain(DramRunResult& result) {
    std::int64_t end = result.cycles.count();
    for (DramController& each : controllers_) {
      while (each.waiting() > 0) {
        each.tick(each.wake());
        collect(each);
      }
    }
    result.drained_cycles = MemoryCycles(std::max(end, last_write_));
    for (DramController& each : controllers_) {
      each.finish(result.drained_cycles.count());
      add_fields(result.counters, each.counters());
    }
    const Bytes wanted = dram_trace_request_bytes * static_cast<std::int64_t>(requests_.size());
    const auto writes = std::count_if(requests_.begin(), requests_.end(),
                                      [](const DramTraceRequest& each) { return each.is_write; });
    result.counters.write_wanted = dram_trace_request_bytes * writes;
    result.counters.read_wanted = wanted - result.counters.write_wanted;
  }

  void summarise(DramRunResult& result, double moved) {
    result.time = spec_.timing.clock * result.cycles.count();
    const double seconds = static_cast<double>(result.time.count()) * 1e-12;
    if (seconds > 0) result.bandwidth = moved / seconds * 1e-9;
    result.peak_share = std::min(1.0, result.bandwidth * 1e9 / peak_bytes_per_second(spec_));
    const DramCounters& c = result.counters;
    const std::int64_t counted = c.row_hits + c.row_misses + c.row_conflicts;
    if (counted > 0)
      result.row_hit_rate = static_cast<double>(c.row_hits) / static_cast<double>(counted);
    if (latencies_.empty()) return;
    std::sort(latencies_.begin(), latencies_.end());
    std::int64_t sum = 0;
    for (const std::int64_t each : latencies_) sum += each;
    result.read_latency_mean = static_cast<double>(sum) / static_cast<double>(latencies_.size());
    // Nearest rank: the least latency that this share of the reads does not exceed.
    const auto percentile = [&](std::size_t share) {
      return latencies_[ceil_div<std::size_t>(latencies_.size() * share, 100) - 1];
    };
    result.read_latency_p50 = percentile(50);
    result.read_latency_p95 = percentile(95);
    result.read_latency_p99 = percentile(99);
    result.read_latency_max = latencies_.back();
  }

  const DramSpec& spec_;
  AddressMap map_;
  std::span<const DramTraceRequest> requests_;
  std::uint64_t transaction_, pieces_;
  std::vector<DramController> controllers_;
  std::size_t request_ = 0;
  std::uint64_t piece_ = 0;
  std::int64_t transactions_ = 0;
  std::size_t channel_ = 0;
  DramRequest next_;
  std::int64_t reads_accepted_ = 0, reads_issued_ = 0;
  std::int64_t last_accepted_ = 0, last_return_ = 0, last_write_ = 0;
  std::vector<std::int64_t> latencies_;
};

}  // namespace

DramRunResult run_dram_trace(const DramSpec& device, std::string_view mapping,
                             std::span<const DramTraceRequest> requests, DramLog* log) {
  DramSpec spec = device;
  if (!mapping.empty()) spec.controller.mapping = mapping;
  require_consistent(spec);
  return Replay(spec, requests, log).run();
}

}  // namespace razorsim
