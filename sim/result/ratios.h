// SPDX-License-Identifier: Apache-2.0
// The one place where ratios are made from counts. Results hold counts; writers ask here.
#pragma once

#include <optional>

#include "sim/result/run_result.h"

namespace razorsim {

/// `part` of `whole`, 0 where there is no whole.
[[nodiscard]] double share(double part, double whole);

/// MACs executed over those the array could have done in all cycles, one pass an operand: 0 to 1.
[[nodiscard]] double mac_utilization(const OperationCounters& counters,
                                     std::int64_t peak_macs_per_cycle);

/// Multipliers at work over multipliers there were, in the array's busy cycles: 0 to 1.
[[nodiscard]] double array_occupancy(const OperationCounters& counters);

/// The resource that worked longest.
[[nodiscard]] Bound bound_of(const OperationCounters& counters);

/// What a user of a language model waits for and pays; nothing where the run leaves the head out.
struct TokenFigures {
  std::optional<Picoseconds> time_to_first_token;  ///< the prefill's time
  std::optional<double> mean_time_per_token_ps;    ///< of a decode step
  std::optional<double> tokens_per_s;              ///< in decode, all sequences together
  std::optional<double> energy_per_token_pj;       ///< in decode, a token of one sequence
};
[[nodiscard]] TokenFigures token_figures(const RunResult& result);

/// pJ over ps is W.
[[nodiscard]] double power_w(double energy_pj, Picoseconds time);

/// Signal over noise in decibel; nothing where no values were computed or the output is exact.
[[nodiscard]] std::optional<double> sqnr_db(const NumericError& error);
/// From a noise-to-signal ratio.
[[nodiscard]] std::optional<double> decibel(double noise_to_signal);

/// Cosine of the angle between output and reference; nothing where there are no values or no
/// signal.
[[nodiscard]] std::optional<double> cosine(const NumericError& error);

/// The output error of a run: mean noise-to-signal ratio over its matrix products (each starts from
/// the trace's own tensors), and the worst of them.
struct ErrorSummary {
  int products = 0;  ///< with values; 0: nothing was computed
  double mean_noise_to_signal = 0;
  double worst_noise_to_signal = 0;
  std::string worst_operation;
};
[[nodiscard]] ErrorSummary error_summary(const RunResult& result);

/// Where a run stands under its roof.
struct Roofline {
  double peak_gmac_per_s = 0;  ///< the array, every multiplier every cycle
  double achieved_gmac_per_s = 0;
  double macs_per_dram_byte = 0;   ///< arithmetic intensity, reads and writes with padding
  double ridge_macs_per_byte = 0;  ///< intensity from which the array, not DRAM, is the roof
  double roof_gmac_per_s = 0;      ///< the lower of both roofs at this intensity
};
[[nodiscard]] Roofline roofline(const RunResult& result);

/// Bytes over the DRAM's bus, padding included.
[[nodiscard]] std::int64_t all_bytes(const DramBytes& bytes);

/// Common logarithm in a fixed order of double operations: libm's differs between machines.
[[nodiscard]] double fixed_log10(double value);

}  // namespace razorsim
