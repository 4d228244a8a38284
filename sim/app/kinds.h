// SPDX-License-Identifier: Apache-2.0
// The kinds of things a user configures or reads, each with its shape: what validate, explain, list
// and the schemas walk.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/network_config.h"
#include "models/base/scheme.h"
#include "models/energy/technology.h"
#include "models/hardware/dram_spec.h"
#include "sim/config/load.h"
#include "sim/machine/machine_spec.h"

namespace razorsim {

/// A kind of configuration file.
struct ConfigKind {
  std::string_view name;    ///< "machine"
  std::string_view plural;  ///< as in `razorsim list`
  std::string_view folder;  ///< configs/<folder>
  std::string_view meaning;
  Shape (*shape)();
  /// Loads and checks completely; the resolved Spec as JSON.
  Value (*resolve)(std::string_view name, std::span<const std::string> overrides);
};
[[nodiscard]] std::span<const ConfigKind> config_kinds();

/// A machine with its DRAM, every inconsistency found. Throws ConfigError.
[[nodiscard]] MachineSpec load_machine(std::string_view name,
                                       std::span<const std::string> overrides = {});
[[nodiscard]] DramSpec load_dram(std::string_view name,
                                 std::span<const std::string> overrides = {});
[[nodiscard]] NetworkConfig load_network(std::string_view name,
                                         std::span<const std::string> overrides = {});
[[nodiscard]] TechnologyTable load_technology(std::string_view name,
                                              std::span<const std::string> overrides = {});
/// A file of configs/schemes or elsewhere, else a name that scheme_from_name reads.
[[nodiscard]] Scheme load_scheme(std::string_view name,
                                 std::span<const std::string> overrides = {});

}  // namespace razorsim
