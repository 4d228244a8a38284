// SPDX-License-Identifier: Apache-2.0
#include "sim/app/contenders.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "models/base/errors.h"
#include "models/hardware/schedule.h"
#include "sim/app/array_shape.h"
#include "sim/machine/assemble.h"
#include "sim/result/ratios.h"
#include "traces/llama/operations.h"

namespace razorsim {
namespace {

ArrayShape shape_of_array(const RunSettings& settings) {
  return {settings.machine.array.rows, settings.machine.array.cols};
}

RunSettings with_array(RunSettings settings, const ArrayShape& shape) {
  settings.machine.array.rows = shape.rows;
  settings.machine.array.cols = shape.columns;
  return settings;
}

Compared compared(std::string name, const Scheme& scheme, const RunSettings& settings,
                  RunResult result) {
  return {std::move(name), scheme, std::move(result), spec_value(settings, scheme), {}, {}, ""};
}

Compared run_one(const std::string& name, const Scheme& scheme, const Workload& workload,
                 const RunSettings& settings) {
  return compared(name, scheme, settings, run_workload(workload, settings, scheme));
}

std::string array_text(const ArrayShape& shape) {
  return fmt::format("{} rows and {} columns", shape.rows, shape.columns);
}

void hold(Compared& each, std::string quantity, double value, double reference, std::string note) {
  each.held = {std::move(quantity), value, reference > 0 ? value / reference - 1 : 0,
               std::move(note)};
}

double array_elements(const Compared& each) {
  return static_cast<double>(each.result.array.elements());
}

double chip_area(const RunResult& result) { return result.area.total().nominal; }

/// Everything but the array stays; the shape is found on the inventory, without simulating.
Compared at_area(const std::string& name, const Scheme& scheme, const Workload& workload,
                 const RunSettings& settings, double area) {
  const Schedule schedule = make_schedule(workload.operations, scheme, settings.machine.array,
                                          shape_of(settings.machine));
  Inventory inventory = inventory_of(settings.machine, {&schedule, 1});
  const ArrayShape shape = shape_for(shape_of_array(settings), area, [&](const ArrayShape& each) {
    inventory.array.rows = each.rows;
    inventory.array.columns = each.columns;
    return area_of(inventory, settings.technology).total().nominal;
  });
  Compared made = run_one(name, scheme, workload, with_array(settings, shape));
  const double difference = chip_area(made.result) / area - 1;
  hold(made, "area_um2", chip_area(made.result), area,
       fmt::format("an array of {} takes the chip to the first scheme's area {:+.2f} %",
                   array_text(shape), 100 * difference));
  return made;
}

/// Bytes over the DRAM's bus a cycle in which the array works: what it asks for at full speed.
double demand(const RunResult& result) {
  const OperationCounters& totals = result.totals;
  return share(static_cast<double>(all_bytes(totals.dram_read) + all_bytes(totals.dram_written)),
               static_cast<double>(totals.array_busy.count()));
}

/// The first layer: what a probe needs, since all layers are alike.
Workload first_layer(Workload workload) {
  if (workload.inference) {
    workload.inference->last_layer = workload.inference->first_layer;
    workload.inference->head = false;
    workload.operations = llama_operations(workload.network, *workload.inference);
    return workload;
  }
  const std::int64_t layer = workload.operations.front().layer;
  std::erase_if(workload.operations, [&](const Operation& each) { return each.layer != layer; });
  return workload;
}

/// Elements times target over demand is right where bytes stay and work shrinks with the elements.
/// Neither is quite so, so the step is repeated with the slope that was found.
Compared at_bandwidth(const std::string& name, const Scheme& scheme, const Workload& workload,
                      const RunSettings& settings, double target) {
  promise(target > 0, "a workload without products or without DRAM has no bandwidth to hold");
  constexpr int most_probes = 6;
  constexpr double near_enough = 0.02;  // chosen
  const Workload probe = first_layer(workload);
  RunSettings fast = settings;
  fast.values = fast.chain = false;
  const ArrayShape own = shape_of_array(settings);
  const auto elements = [](const ArrayShape& shape) {
    return static_cast<double>(shape.rows * shape.columns);
  };
  ArrayShape shape = own;
  ArrayShape best = own;
  double best_off = INFINITY;
  double slope = 1;
  std::optional<std::pair<double, double>> before;  // elements and demand
  for (int i = 0; i < most_probes; ++i) {
    const double asked = demand(run_workload(probe, with_array(fast, shape), scheme));
    const double off = std::abs(asked / target - 1);
    if (off < best_off) {
      best_off = off;
      best = shape;
    }
    if (off <= near_enough || asked <= 0) break;
    const double count = elements(shape);
    if (before && before->first != count) {
      slope =
          std::clamp(std::log(asked / before->second) / std::log(count / before->first), 0.25, 2.0);
    }
    before = {count, asked};
    const ArrayShape next = shape_for(own, count * std::pow(target / asked, 1 / slope), elements);
    if (next == shape) break;
    shape = next;
  }
  Compared made = run_one(name, scheme, workload, with_array(settings, best));
  const double asked = demand(made.result);
  hold(made, "dram_bytes_per_array_cycle", asked, target,
       fmt::format("an array of {} asks for {:.1f} bytes a cycle of its work, {:+.1f} % off the "
                   "first scheme's",
                   array_text(best), asked, 100 * (asked / target - 1)));
  return made;
}

/// What a scheme may become to meet an error, and be called the same still: the formats of its
/// kind.
std::vector<std::string> names_of_variants(const Scheme& scheme) {
  std::vector<std::string> names;
  if (scheme.weights.name == "sdr") {
    std::string tail;
    std::string_view rest = scheme.name;
    for (auto at = rest.find(':'); at != rest.npos; at = rest.find(':')) {
      rest.remove_prefix(at + 1);
      const std::string_view suffix = rest.substr(0, rest.find(':'));
      if (!suffix.starts_with("g")) tail += fmt::format(":{}", suffix);
    }
    for (const char* bits : {"W4A4KV4Q4P4", "W4A4KV4", "W4A4", "W4A8KV4", "W4A8", "W4A16"}) {
      for (const int group : {128, 64, 32, 16, 8})
        names.push_back(fmt::format("{}:g{}{}", bits, group, tail));
    }
  } else if (scheme.weights.name == "int8") {
    names = {"W8A8:static", "W8A8", "W8A16"};
  } else if (scheme.weights.name == "int4") {
    names = {"int4", "int4:g128", "int4:g64", "int4:g32", "int4:g16"};
  }
  return names;
}

/// Those, and the scheme itself where it is none of them.
std::vector<Scheme> variants_of(const Scheme& scheme) {
  std::vector<Scheme> variants;
  for (const std::string& name : names_of_variants(scheme)) {
    try {
      variants.push_back(scheme_from_name(name));
    } catch (const ConfigError&) {  // a suffix that means nothing for these formats
    }
  }
  if (std::find(variants.begin(), variants.end(), scheme) == variants.end())
    variants.push_back(scheme);
  return variants;
}

double noise(const Compared& each) { return error_summary(each.result).mean_noise_to_signal; }

std::string sqnr_text(double noise_to_signal) {
  const auto value = decibel(noise_to_signal);
  return value ? fmt::format("{:.2f} dB", *value) : std::string("no error");
}

/// The variant of least energy among those that meet the error; the one nearest to it where none
/// does.
Compared at_error(const std::string& name, const Scheme& scheme, const Workload& workload,
                  const RunSettings& settings, double reference) {
  std::optional<Compared> best;
  int ran = 0;
  for (const Scheme& variant : variants_of(scheme)) {
    std::optional<Compared> made;
    try {
      made = run_one(name, variant, workload, settings);
    } catch (const ConfigError&) {
      // A variant that this machine cannot run is no contender; the scheme asked for must run.
      if (variant == scheme) throw;
      continue;
    }
    ++ran;
    const auto rank = [&](const Compared& each) {
      const bool meets = noise(each) <= reference;
      return std::pair(!meets, meets ? each.result.energy.total().nominal : noise(each));
    };
    if (!best || rank(*made) < rank(*best)) best = std::move(made);
  }
  promise(best.has_value(), "no variant ran");
  const std::string found = fmt::format("{} of {} variants", best->scheme.name, ran);
  hold(*best, "noise_to_signal", noise(*best), reference,
       noise(*best) <= reference
           ? fmt::format("{} needs the least energy at an error of at most the first scheme's "
                         "({} for {})",
                         found, sqnr_text(noise(*best)), sqnr_text(reference))
           : fmt::format("none of its variants reaches {}; {} is nearest with {}",
                         sqnr_text(reference), found, sqnr_text(noise(*best))));
  return std::move(*best);
}

void require_numbers(const Workload& workload, const RunSettings& settings) {
  if (settings.values) return;
  throw ConfigError("--at", workload.trace == nullptr
                                ? "is equal-error, but the workload has no tensors to compute an "
                                  "error from; allowed with a trace"
                                : "is equal-error, which needs numbers; allowed with --values on");
}

/// Beside every energy stands the error of the same scheme: where the workload has no tensors, that
/// of the shipped trace on the shipped machine, since numbers do not depend on the machine.
void add_errors(std::vector<Compared>& all, const RunSettings& settings) {
  if (settings.values) {
    for (Compared& each : all) each.error = error_summary(each.result);
    return;
  }
  const Workload shipped = shipped_workload();
  RunSettings own = settings;
  own.machine = load_machine("default");
  own.machine.array.unit = settings.machine.array.unit;
  own.values = true;
  for (Compared& each : all) {
    each.error = error_summary(run_workload(shipped, own, each.scheme));
    each.error_workload = shipped.description;
  }
}

}  // namespace

std::vector<Compared> contest(Equal rule, const std::vector<std::string>& names,
                              const Workload& workload, const RunSettings& settings,
                              const std::function<void()>& done) {
  if (rule == Equal::error) require_numbers(workload, settings);
  std::vector<Scheme> schemes;
  for (const std::string& name : names) schemes.push_back(load_scheme(name));
  std::vector<Compared> all = {run_one(names[0], schemes[0], workload, settings)};
  const double elements = array_elements(all[0]);
  const double area = chip_area(all[0].result);
  const double asked = demand(all[0].result);
  const double error = noise(all[0]);
  switch (rule) {
    case Equal::pes: hold(all[0], "array_elements", elements, elements, ""); break;
    case Equal::area: hold(all[0], "area_um2", area, area, ""); break;
    case Equal::bandwidth: hold(all[0], "dram_bytes_per_array_cycle", asked, asked, ""); break;
    case Equal::error: hold(all[0], "noise_to_signal", error, error, ""); break;
  }
  done();
  for (std::size_t i = 1; i < names.size(); ++i) {
    switch (rule) {
      case Equal::pes:
        all.push_back(run_one(names[i], schemes[i], workload, settings));
        hold(all[i], "array_elements", array_elements(all[i]), elements, "");
        break;
      case Equal::area:
        all.push_back(at_area(names[i], schemes[i], workload, settings, area));
        break;
      case Equal::bandwidth:
        all.push_back(at_bandwidth(names[i], schemes[i], workload, settings, asked));
        break;
      case Equal::error:
        all.push_back(at_error(names[i], schemes[i], workload, settings, error));
        break;
    }
    done();
  }
  add_errors(all, settings);
  return all;
}

}  // namespace razorsim
