// SPDX-License-Identifier: Apache-2.0
#include "models/energy/sram.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "models/base/errors.h"

namespace razorsim {
namespace {

constexpr double extrapolation_limit = 8;  // chosen: three doublings of the nearest measured point

// Logarithm and exponential of our own: the C library's differ in the last bit between processors,
// and these figures reach result files, which must be the same bytes everywhere.
double natural_log(double x) {
  int exponent = 0;
  double mantissa = std::frexp(x, &exponent);  // exact
  if (mantissa < 0.70710678118654752) {
    mantissa *= 2;
    --exponent;
  }
  const double s = (mantissa - 1) / (mantissa + 1);  // |s| < 0.172, so s^23 / 23 is below 1e-18
  double sum = 0;
  for (int power = 21; power >= 1; power -= 2) sum = sum * s * s + 1.0 / power;
  return 2 * s * sum + exponent * 0.69314718055994531;
}

double natural_exp(double x) {
  const double halvings = std::floor(x / 0.69314718055994531 + 0.5);
  const double rest =
      x - halvings * 0.69314718055994531;  // |rest| < 0.35, so rest^17 / 17! is below 1e-22
  double sum = 1;
  for (int term = 16; term >= 1; --term) sum = 1 + sum * rest / term;
  return std::ldexp(sum, static_cast<int>(halvings));
}

/// Where a value lies on an ascending axis: between `below` and `below + 1`, at `fraction` of the
/// logarithmic way; outside 0..1 means outside the axis.
struct Position {
  std::size_t below = 0;
  double fraction = 0;
  bool outside = false;
};

Position locate(const std::vector<double>& axis, double value) {
  const auto on = std::find(axis.begin(), axis.end(), value);
  if (on != axis.end()) return {static_cast<std::size_t>(on - axis.begin()), 0, false};
  if (axis.size() == 1) return {0, 0, true};
  std::size_t below = 0;
  while (below + 2 < axis.size() && axis[below + 1] <= value) ++below;
  const double fraction =
      natural_log(value / axis[below]) / natural_log(axis[below + 1] / axis[below]);
  return {below, fraction, value < axis.front() || value > axis.back()};
}

template <class Get>
std::vector<double> axis_of(const SramTable& table, Get get) {
  std::vector<double> axis;
  for (const SramPoint& each : table.points) axis.push_back(get(each));
  std::sort(axis.begin(), axis.end());
  axis.erase(std::unique(axis.begin(), axis.end()), axis.end());
  return axis;
}

void refuse_far(const char* what, const char* unit, double value, const std::vector<double>& axis) {
  if (axis.front() / extrapolation_limit <= value && value <= axis.back() * extrapolation_limit)
    return;
  throw ConfigError(
      "technology.sram",
      fmt::format("a bank's {} is {} {}; the table reaches from {} to {} {}, and a factor of {} "
                  "beyond is the most it is carried on",
                  what, value, unit, axis.front(), axis.back(), unit, extrapolation_limit));
}

/// The grid, and one bank's place on it.
class Grid {
 public:
  Grid(const SramTable& table, double size_kib, double port_bits) : table_(table) {
    sizes_ = axis_of(table, [](const SramPoint& p) { return p.size_kib; });
    ports_ = axis_of(table, [](const SramPoint& p) { return static_cast<double>(p.port_bits); });
    refuse_far("size", "KiB", size_kib, sizes_);
    refuse_far("port", "bit", port_bits, ports_);
    size_ = locate(sizes_, size_kib);
    port_ = locate(ports_, port_bits);
  }

  [[nodiscard]] bool outside() const { return size_.outside || port_.outside; }

  template <class Get>
  [[nodiscard]] double value(Get get) const {
    if (size_.fraction == 0 && port_.fraction == 0) {  // on the grid: exactly what was measured
      return get(point(sizes_[size_.below], ports_[port_.below]));
    }
    const auto along_port = [&](std::size_t size) {
      return between(port_, ports_.size(), [&](std::size_t port) {
        return natural_log(get(point(sizes_[size], ports_[port])));
      });
    };
    return natural_exp(between(size_, sizes_.size(), along_port));
  }

 private:
  template <class At>
  static double between(const Position& where, std::size_t count, At at) {
    const double low = at(where.below);
    if (where.fraction == 0 || count == 1) return low;
    return low + where.fraction * (at(where.below + 1) - low);
  }

  [[nodiscard]] const SramPoint& point(double size, double port) const {
    for (const SramPoint& each : table_.points) {
      if (each.size_kib == size && each.port_bits == port) return each;
    }
    throw ConfigError(
        "technology.sram.points",
        fmt::format("has no point of {} KiB with {} bits; the grid must be full", size, port));
  }

  const SramTable& table_;
  std::vector<double> sizes_;
  std::vector<double> ports_;
  Position size_;
  Position port_;
};

}  // namespace

SramCost sram_cost(const SramTable& table, const BufferShape& shape) {
  if (shape.size == Bytes(0)) return {};
  if (table.points.empty()) throw ConfigError("technology.sram.points", "is empty");
  // A port wider than any in the grid is several macros side by side, as it would be built.
  std::int64_t widest = 0;
  for (const SramPoint& each : table.points)
    widest = std::max<std::int64_t>(widest, each.port_bits);
  const std::int64_t macros = shape.banks * ceil_div(shape.port.count(), widest);
  const double port = static_cast<double>(shape.port.count()) /
                      static_cast<double>(ceil_div(shape.port.count(), widest));
  const double size_kib =
      static_cast<double>(shape.size.count()) / 1024.0 / static_cast<double>(macros);
  const Grid grid(table, size_kib, port);
  SramCost cost;
  cost.read_pj_per_bit = grid.value([](const SramPoint& p) { return p.read_pj; }) / port;
  cost.write_pj_per_bit = grid.value([](const SramPoint& p) { return p.write_pj; }) / port;
  cost.leakage_mw =
      grid.value([](const SramPoint& p) { return p.leakage_mw; }) * static_cast<double>(macros);
  cost.area_um2 =
      grid.value([](const SramPoint& p) { return p.area_um2; }) * static_cast<double>(macros);
  cost.extrapolated = grid.outside();
  return cost;
}

}  // namespace razorsim
