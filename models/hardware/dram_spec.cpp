// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/dram_spec.h"

#include <fmt/format.h>

#include "models/hardware/dram_address.h"

namespace razorsim {

namespace {

class Checker {
 public:
  /// A rule between settings: `wrong` names the path and says what holds instead.
  void expect(bool holds, std::string path, std::string message) {
    if (!holds) problems.push_back({std::move(path), std::move(message)});
  }
  void at_least(std::string_view key, MemoryCycles value, std::string_view other,
                MemoryCycles low) {
    expect(value >= low, fmt::format("timing.{}", key),
           fmt::format("is {}; allowed: at least {} ({})", value.count(), low.count(), other));
  }

  std::vector<Problem> problems;
};

void check_timing(const DramSpec& spec, Checker& c) {
  const DramTiming& t = spec.timing;
  c.at_least("rc", t.rc, "ras", t.ras);
  // Each is rounded up to cycles by itself, so the sum may be a cycle or two off.
  const std::int64_t gap = (t.rc - t.ras - t.rp).count();
  c.expect(-2 <= gap && gap <= 2, "timing.rc",
           fmt::format("is {}; allowed: {} (ras + rp), give or take 2", t.rc.count(),
                       (t.ras + t.rp).count()));
  c.at_least("ras", t.ras, "rcd_write", t.rcd_write);
  c.at_least("rp_all", t.rp_all, "rp", t.rp);
  c.at_least("rrd_l", t.rrd_l, "rrd_s", t.rrd_s);
  c.at_least("ccd_l", t.ccd_l, "ccd_s", t.ccd_s);
  c.at_least("ccd_s", t.ccd_s, "burst", t.burst);
  c.at_least("ccd_s_write", t.ccd_s_write, "burst", t.burst);
  c.at_least("ccd_l_write", t.ccd_l_write, "ccd_s_write", t.ccd_s_write);
  c.at_least("wtr_l", t.wtr_l, "wtr_s", t.wtr_s);
  c.at_least("faw", t.faw, "rrd_s", t.rrd_s);
  c.at_least("burst_same_group", t.burst_same_group, "burst", t.burst);
  const MemoryCycles turnaround = t.cl + t.burst - t.cwl;
  c.at_least("read_to_write", t.read_to_write, "cl + burst - cwl, or the data would overlap",
             turnaround);
  c.at_least("refi", t.refi, "rfc", t.rfc + MemoryCycles(1));
  if (spec.controller.refresh == RefreshMode::per_bank) {
    c.expect(t.rfc_bank.count() > 0 && t.refi_bank.count() > 0, "controller.refresh",
             "is per_bank; the device has no per-bank refresh (timing.rfc_bank, timing.refi_bank)");
  }
  if (t.rfc_bank.count() > 0) {
    c.at_least("rfc", t.rfc, "rfc_bank", t.rfc_bank);
    c.at_least("refi_bank", t.refi_bank, "refresh_to_refresh_bank", t.refresh_to_refresh_bank);
  }
  c.expect(
      spec.interface.split_activate == (t.aad.count() > 0), "timing.aad",
      fmt::format("is {}; allowed: above 0 exactly where interface.split_activate", t.aad.count()));
  c.expect(!spec.interface.split_activate || t.aad < t.rcd_read, "timing.aad",
           fmt::format("is {}; allowed: below rcd_read", t.aad.count()));
}

void check_organisation(const DramSpec& spec, Checker& c) {
  const DramOrganisation& o = spec.organisation;
  c.expect(o.bus.count() % 8 == 0, "organisation.bus_bits", "must be whole bytes");
  c.expect(
      o.bus.count() % o.device.count() == 0, "organisation.device_bits",
      fmt::format("is {}; allowed: a divisor of bus_bits, {}", o.device.count(), o.bus.count()));
  const std::int64_t transaction = o.transaction().count();
  c.expect(transaction > 0 && o.row.count() % transaction == 0, "organisation.row_bytes",
           fmt::format("is {}; allowed: a multiple of one column command's {} bytes", o.row.count(),
                       transaction));
  c.expect(spec.controller.channel_interleave.count() % transaction == 0,
           "controller.channel_interleave_bytes",
           fmt::format("is {}; allowed: a multiple of one column command's {} bytes",
                       spec.controller.channel_interleave.count(), transaction));
  c.expect(o.ranks * o.banks() <= 1024, "organisation.ranks",
           "at most 1024 banks a channel are modelled");
  c.expect(spec.controller.write_low_watermark <= spec.controller.write_high_watermark,
           "controller.write_low_watermark",
           fmt::format("is {}; allowed: at most write_high_watermark, {}",
                       spec.controller.write_low_watermark, spec.controller.write_high_watermark));
}

void check_currents(const DramCurrents& i, Checker& c) {
  c.expect(i.idd3n_ma >= i.idd2n_ma, "currents.idd3n_ma",
           fmt::format("is {}; allowed: at least idd2n_ma, {}", i.idd3n_ma, i.idd2n_ma));
  for (const auto& [key, value] : {std::pair{"idd0_ma", i.idd0_ma},
                                   {"idd4r_ma", i.idd4r_ma},
                                   {"idd4w_ma", i.idd4w_ma},
                                   {"idd5_ma", i.idd5_ma}}) {
    c.expect(value >= i.idd3n_ma, fmt::format("currents.{}", key),
             fmt::format("is {}; allowed: at least idd3n_ma, {}", value, i.idd3n_ma));
  }
}

}  // namespace

std::vector<Problem> check(const DramSpec& spec) {
  Checker checker;
  check_organisation(spec, checker);
  check_timing(spec, checker);
  if (spec.currents) check_currents(*spec.currents, checker);
  if (spec.io) {
    checker.expect(spec.io->low_pj_per_bit <= spec.io->nominal_pj_per_bit &&
                       spec.io->nominal_pj_per_bit <= spec.io->high_pj_per_bit,
                   "io.nominal_pj_per_bit", "must lie between low_pj_per_bit and high_pj_per_bit");
  }
  try {
    (void)AddressMap(spec);
  } catch (const ConfigError& error) {
    checker.problems.insert(checker.problems.end(), error.problems().begin(),
                            error.problems().end());
  }
  return checker.problems;
}

void require_consistent(const DramSpec& spec) {
  std::vector<Problem> problems = check(spec);
  if (!problems.empty()) throw ConfigError(std::move(problems));
}

double peak_bytes_per_second(const DramSpec& spec) {
  const double bytes = static_cast<double>(
      (spec.organisation.transaction() * spec.organisation.all_channels()).count());
  const double seconds =
      static_cast<double>((spec.timing.clock * spec.timing.burst.count()).count()) * 1e-12;
  return bytes / seconds;
}

}  // namespace razorsim
