// SPDX-License-Identifier: Apache-2.0
// What a command takes, as data: parsing, its errors, --help and docs/cli.md come from it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/fields.h"

namespace razorsim {

/// One `--name [argument]`.
struct Option {
  std::string_view name;
  std::string_view argument;  ///< what follows, e.g. "FILE"; "" for a switch
  std::string_view meaning;
  std::string_view initial = "";  ///< the default as text, "" for none
  bool many = false;              ///< may be given more than once
};

class Arguments;

struct Command {
  std::string_view name;
  std::string_view summary;
  std::string_view positional;  ///< e.g. "[CONFIG]"; "" when there is none
  std::vector<Option> options;
  std::vector<std::string_view> examples;
  void (*run)(const Arguments&) = nullptr;
};

/// What was given on the command line.
class Arguments {
 public:
  Arguments(const Command& command,
            std::map<std::string, std::vector<std::string>, std::less<>> given,
            std::optional<std::string> positional)
      : command_(command), given_(std::move(given)), positional_(std::move(positional)) {}

  [[nodiscard]] bool has(std::string_view option) const { return given_.contains(option); }
  /// The argument, else the option's default.
  [[nodiscard]] std::string text(std::string_view option) const;
  /// The same, but an option that is neither given nor has a default is a ConfigError.
  [[nodiscard]] std::string required(std::string_view option) const;
  [[nodiscard]] std::vector<std::string> all(std::string_view option) const;
  /// A whole number within `range`. Throws ConfigError at the option.
  [[nodiscard]] std::int64_t integer(std::string_view option, Range range) const;
  /// True for "on", false for "off". Throws ConfigError at the option.
  [[nodiscard]] bool on(std::string_view option) const;
  /// The enumerator named. Throws ConfigError with the nearest name and all of them.
  template <NamedEnum E>
  [[nodiscard]] E choice(std::string_view option) const {
    std::vector<std::string_view> names;
    const std::string given = text(option);
    for (const auto& each : enum_names<E>) {
      if (each.name == given) return each.value;
      names.push_back(each.name);
    }
    refuse(option, given, names);
  }
  /// The one argument without a name.
  [[nodiscard]] const std::optional<std::string>& positional() const { return positional_; }

 private:
  [[noreturn]] void refuse(std::string_view option, std::string_view given,
                           const std::vector<std::string_view>& names) const;

  const Command& command_;
  std::map<std::string, std::vector<std::string>, std::less<>> given_;
  std::optional<std::string> positional_;
};

/// Options every command has: --json, --quiet, --help.
[[nodiscard]] const std::vector<Option>& common_options();

/// Parses what follows the command's name. Throws ConfigError: an unknown option with the nearest
/// name, an argument missing or superfluous, an option given twice.
[[nodiscard]] Arguments parse_arguments(const Command& command,
                                        const std::vector<std::string>& words);

}  // namespace razorsim
