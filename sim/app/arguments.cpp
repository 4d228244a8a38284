// SPDX-License-Identifier: Apache-2.0
#include "sim/app/arguments.h"

#include <algorithm>
#include <charconv>

#include <boost/program_options.hpp>
#include <fmt/format.h>

#include "models/base/errors.h"
#include "sim/config/check.h"

namespace razorsim {
namespace po = boost::program_options;
namespace {

constexpr const char* positional_key = "<>";  // no option can be called so

std::string dashed(std::string_view name) { return fmt::format("--{}", name); }

/// "; did you mean '--bits'?"
std::string nearest_option(const Command& command, const std::string& given) {
  std::vector<std::string> names;
  for (const Option& each : command.options) names.push_back(dashed(each.name));
  for (const Option& each : common_options()) names.push_back(dashed(each.name));
  return did_you_mean(given, std::vector<std::string_view>(names.begin(), names.end()));
}

const Option* find(const Command& command, std::string_view name) {
  for (const auto* list : {&command.options, &common_options()}) {
    for (const Option& each : *list) {
      if (each.name == name) return &each;
    }
  }
  return nullptr;
}

po::options_description describe(const Command& command) {
  po::options_description description;
  const auto add = [&](const Option& each) {
    if (each.argument.empty()) {
      description.add_options()(std::string(each.name).c_str(), "");
    } else {
      description.add_options()(std::string(each.name).c_str(), po::value<std::string>(), "");
    }
  };
  for (const Option& each : command.options) add(each);
  for (const Option& each : common_options()) add(each);
  description.add_options()(positional_key, po::value<std::vector<std::string>>(), "");
  return description;
}

}  // namespace

std::string Arguments::text(std::string_view option) const {
  if (const auto found = given_.find(option); found != given_.end()) return found->second.front();
  const Option* known = find(command_, option);
  promise(known != nullptr, fmt::format("command {} has no option --{}", command_.name, option));
  return std::string(known->initial);
}

std::string Arguments::required(std::string_view option) const {
  std::string given = text(option);
  if (given.empty())
    throw ConfigError(dashed(option), "is needed; " + std::string(find(command_, option)->meaning));
  return given;
}

std::vector<std::string> Arguments::all(std::string_view option) const {
  const auto found = given_.find(option);
  return found == given_.end() ? std::vector<std::string>{} : found->second;
}

std::int64_t Arguments::integer(std::string_view option, Range range) const {
  const std::string given = text(option);
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(given.data(), given.data() + given.size(), value);
  if (failure != std::errc() || end != given.data() + given.size() ||
      !range.holds(static_cast<double>(value))) {
    Shape whole;
    whole.kind = Shape::Kind::integer;
    throw ConfigError(dashed(option),
                      fmt::format("is {}; allowed: {}", given.empty() ? "empty" : given,
                                  allowed_text(whole, range)));
  }
  return value;
}

bool Arguments::on(std::string_view option) const {
  const std::string given = text(option);
  if (given != "on" && given != "off") refuse(option, given, {"on", "off"});
  return given == "on";
}

void Arguments::refuse(std::string_view option, std::string_view given,
                       const std::vector<std::string_view>& names) const {
  throw ConfigError(dashed(option),
                    fmt::format("is {}; allowed: one of {}{}", given, fmt::join(names, ", "),
                                did_you_mean(given, names)));
}

const std::vector<Option>& common_options() {
  static const std::vector<Option> options = {
      {"json", "", "print the machine-readable form on standard output"},
      {"quiet", "", "print nothing but errors and what --json asks for"},
      {"help", "", "show this help"},
  };
  return options;
}

Arguments parse_arguments(const Command& command, const std::vector<std::string>& words) {
  std::map<std::string, std::vector<std::string>, std::less<>> given;
  std::optional<std::string> positional;
  po::positional_options_description places;
  places.add(positional_key, -1);
  const po::options_description description = describe(command);
  try {
    namespace style = po::command_line_style;
    const auto parsed =
        po::command_line_parser(words)
            .options(description)
            .positional(places)
            .style(style::allow_long | style::long_allow_adjacent | style::long_allow_next)
            .run();
    for (const auto& each : parsed.options) {
      if (each.string_key == positional_key) {
        for (const std::string& word : each.value) {
          if (command.positional.empty() || positional) {
            throw ConfigError(
                word,
                fmt::format("one argument too many for '{}'; options begin with --", command.name));
          }
          positional = word;
        }
        continue;
      }
      auto& values = given[each.string_key];
      if (!values.empty() && !find(command, each.string_key)->many) {
        throw ConfigError(dashed(each.string_key), "is given twice");
      }
      values.push_back(each.value.empty() ? std::string() : each.value.front());
    }
  } catch (const po::unknown_option& error) {
    throw ConfigError(error.get_option_name(),
                      fmt::format("'{}' has no such option{}", command.name,
                                  nearest_option(command, error.get_option_name())));
  } catch (const po::error_with_option_name& error) {
    const std::string name = error.get_option_name();
    const Option* known = find(command, name.substr(std::min<std::size_t>(2, name.size())));
    throw ConfigError(
        name, known && known->argument.empty()
                  ? "takes no argument"
                  : fmt::format("needs an argument, {}", known ? known->argument : "a value"));
  } catch (const po::error& error) {
    throw ConfigError(std::string(command.name), error.what());
  }
  return {command, std::move(given), std::move(positional)};
}

}  // namespace razorsim
