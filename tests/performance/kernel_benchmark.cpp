// SPDX-License-Identifier: Apache-2.0
// The fast kernel beside what the machine can do at most, in one run: `of_peak` is its rate over
// the rate of a loop of int16 multiply-adds on registers, `of_bare` that of a product of one row
// over a bare 4-bit loop that reads the same weights. Razored operands, which are multiplied as
// bytes, may pass that peak.
#include <cstring>
#include <vector>

#include <benchmark/benchmark.h>

// GCC 12 takes the undefined source of an unmasked intrinsic for an uninitialised variable.
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>

#include "models/arithmetic/kernel.h"
#include "tests/performance/bare_nibbles.h"
#include "tests/performance/operands.h"

namespace razorsim {
namespace {

/// CPU time of this thread: others on the machine do not count.
double seconds_now() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Best of a few runs of `work`, seconds.
template <class Work>
double best_seconds(Work&& work) {
  double best = 1e9;
  for (int run = 0; run < 7; ++run) {
    const double start = seconds_now();
    work();
    best = std::min(best, seconds_now() - start);
  }
  return best;
}

constexpr std::int64_t peak_rounds = 400'000;

/// Independent sums, operands held in registers: nothing but the multiply-add units can limit it.
/// The instructions are spelled so that the compiler neither merges the sums nor moves them to
/// memory.
__attribute__((target("avx512f,avx512bw,avx512vnni"))) double peak_vnni512() {
  __m512i sums[24] = {};
  const __m512i a = _mm512_set1_epi16(3);
  const __m512i w = _mm512_set1_epi16(5);
  for (std::int64_t i = 0; i < peak_rounds; ++i) {
#pragma GCC unroll 24
    for (int s = 0; s < 24; ++s) {
      asm volatile("vpdpwssd %2, %1, %0" : "+v"(sums[s]) : "v"(a), "v"(w));
    }
  }
  return 24.0 * 32 * peak_rounds;
}

/// With AVX2 a multiply-add is two instructions.
__attribute__((target("avx2"))) double peak_avx2() {
  __m256i sums[10] = {};
  const __m256i a = _mm256_set1_epi16(3);
  const __m256i w = _mm256_set1_epi16(5);
  for (std::int64_t i = 0; i < peak_rounds; ++i) {
#pragma GCC unroll 10
    for (int s = 0; s < 10; ++s) {
      __m256i pair_sums;
      asm volatile("vpmaddwd %3, %2, %1\n\tvpaddd %1, %0, %0"
                   : "+x"(sums[s]), "=&x"(pair_sums)
                   : "x"(a), "x"(w));
    }
  }
  return 10.0 * 16 * peak_rounds;
}

/// Multiply-adds a second of the best loop for `target`, 0 where there is none.
double peak_rate(KernelTarget target) {
  double macs = 0;
  double seconds = 0;
  if (target == KernelTarget::vnni512) {
    seconds = best_seconds([&] { macs = peak_vnni512(); });
  } else if (target == KernelTarget::avx2) {
    seconds = best_seconds([&] { macs = peak_avx2(); });
  }
  return seconds > 0 ? macs / seconds : 0;
}

/// The largest element of each, or the largest shift of each where they are razored.
struct Operands {
  int left;
  int right;
  bool razored = false;
};

void product(benchmark::State& state, KernelTarget target, Operands operands) {
  if (!use_kernel_target(target)) {
    state.SkipWithError("not on this machine");
    return;
  }
  const std::int64_t m = state.range(0);
  const std::int64_t k = state.range(1);
  const std::int64_t n = state.range(2);
  const auto left = operands.razored ? razored_elements(m * k, operands.left, 1)
                                     : random_elements(m * k, operands.left, 1);
  const auto right = operands.razored ? razored_elements(n * k, operands.right, 2)
                                      : random_elements(n * k, operands.right, 2);
  const PackedLeft a({left.data(), m, k});
  const PackedRight w({right.data(), n, k});
  std::vector<std::int64_t> c(static_cast<std::size_t>(m * n));
  double best = 1e9;
  for (auto _ : state) {
    const double start = seconds_now();
    multiply(a, w, {c.data(), m, n});
    best = std::min(best, seconds_now() - start);
    benchmark::ClobberMemory();
  }
  const double macs = static_cast<double>(m * k * n);
  state.counters["GMAC/s"] = macs / best * 1e-9;
  if (const double peak = peak_rate(target); peak > 0) {
    state.counters["peak_GMAC/s"] = peak * 1e-9;
    state.counters["of_peak"] = macs / best / peak;
  }
  use_kernel_target(KernelTarget::automatic);
}

// Base-16 activations and base-8 weights, and integers as large.
constexpr Operands sdr4{12, 4, true};
constexpr Operands words{7 << 12, 7 << 4};

BENCHMARK_CAPTURE(product, vnni512_sdr4, KernelTarget::vnni512, sdr4)
    ->Args({128, 4096, 4096})
    ->Args({128, 11008, 1024})
    ->Args({128, 576, 576})
    ->Args({16, 4096, 1024})
    ->Args({512, 4096, 1024})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(product, vnni512_int16x8, KernelTarget::vnni512, words)
    ->Args({128, 4096, 4096})
    ->Args({128, 11008, 1024})
    ->Args({128, 576, 576})
    ->Args({16, 4096, 1024})
    ->Args({512, 4096, 1024})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(product, vnni512_int8, KernelTarget::vnni512, Operands{127, 127})
    ->Args({128, 4096, 4096})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(product, vnni512_int16x16, KernelTarget::vnni512, Operands{32767, 32767})
    ->Args({128, 4096, 1024})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(product, avx512_sdr4, KernelTarget::avx512, sdr4)
    ->Args({128, 4096, 1024})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(product, avx2_sdr4, KernelTarget::avx2, sdr4)
    ->Args({128, 4096, 4096})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(product, sse4_sdr4, KernelTarget::sse4, sdr4)
    ->Args({128, 4096, 1024})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(product, plain_sdr4, KernelTarget::plain, sdr4)
    ->Args({32, 4096, 256})
    ->Unit(benchmark::kMillisecond);

void one_row(benchmark::State& state) {
  const std::int64_t m = state.range(0);
  const std::int64_t k = 4096;
  const std::int64_t n = 8 * 4096;  // 64 MiB of nibbles, 128 MiB of bytes: beyond any cache
  if (!use_kernel_target(KernelTarget::vnni512)) {
    state.SkipWithError("the bare loop needs AVX-512 VNNI");
    return;
  }
  const auto left = razored_elements(m * k, sdr4.left, 1);
  const PackedLeft a({left.data(), m, k});
  PackedRight w;
  {
    const auto right = razored_elements(n * k, sdr4.right, 2);
    w = PackedRight({right.data(), n, k});
  }
  std::vector<std::int64_t> c(static_cast<std::size_t>(m * n));
  double best = 1e9;
  for (auto _ : state) {
    const double start = seconds_now();
    multiply(a, w, {c.data(), m, n});
    best = std::min(best, seconds_now() - start);
    benchmark::ClobberMemory();
  }
  const std::vector<std::uint8_t> nibbles(static_cast<std::size_t>(n * k / 2), 0x5a);
  const std::vector<std::int8_t> bytes(static_cast<std::size_t>(k), 3);
  std::vector<std::int32_t> sums(static_cast<std::size_t>(n));
  const double bare = best_seconds([&] {
    bare_nibbles_avx512(nibbles.data(), bytes.data(), k, n, sums.data());
    benchmark::DoNotOptimize(sums.data());
  });
  state.counters["GMAC/s"] = static_cast<double>(m * n * k) / best * 1e-9;
  state.counters["GB/s"] = static_cast<double>(w.panel_bytes() * (n / kernel_panel)) / best * 1e-9;
  state.counters["bare_GMAC/s"] = static_cast<double>(n * k) / bare * 1e-9;
  state.counters["times_bare"] = best / bare;
}
BENCHMARK(one_row)->Arg(1)->Arg(4)->Unit(benchmark::kMillisecond);

void pack(benchmark::State& state) {
  const std::int64_t k = 4096;
  const std::int64_t n = 4096;
  const auto right = razored_elements(n * k, sdr4.right, 2);
  for (auto _ : state) benchmark::DoNotOptimize(PackedRight({right.data(), n, k}));
  state.SetItemsProcessed(state.iterations() * n * k);
}
BENCHMARK(pack)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace razorsim
