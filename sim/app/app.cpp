// SPDX-License-Identifier: Apache-2.0
#include "sim/app/app.h"

#include <algorithm>
#include <new>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "sim/app/console.h"
#include "sim/config/locate.h"

namespace razorsim {
namespace {

enum ExitCode { done = 0, defect = 1, usage = 2, bad_file = 3 };

void run_words(const std::vector<std::string>& words) {
  if (words.empty()) throw ConfigError("", "a command is needed; see razorsim --help");
  const std::string& name = words.front();
  if (name == "--version") return print(fmt::format("razorsim {}\n", version()));
  if (name == "--help" || name == "-h") return print(help_text());
  std::vector<std::string_view> names;
  for (const Command& command : commands()) {
    names.push_back(command.name);
    if (command.name != name) continue;
    const Arguments arguments = parse_arguments(command, {words.begin() + 1, words.end()});
    return arguments.has("help") ? print(help_text(command)) : command.run(arguments);
  }
  throw ConfigError(name, fmt::format("there is no such command{}; allowed: {}",
                                      did_you_mean(name, names), fmt::join(names, ", ")));
}

}  // namespace

int run_command_line(const std::vector<std::string>& words) {
  try {
    run_words(words);
    flush_output();
    return done;
  } catch (const ConfigError& error) {
    for (const Problem& problem : error.problems()) {
      print_error(problem.path.empty() ? problem.message : problem.path + ": " + problem.message);
    }
    return usage;
  } catch (const OutputError& error) {
    print_error(error.what());
    return usage;
  } catch (const TraceError& error) {
    print_error(error.what());
    return bad_file;
  } catch (const std::bad_alloc&) {
    print_error("out of memory");
    return defect;
  } catch (const std::exception& error) {
    print_error(fmt::format("defect: {}; please report it", error.what()));
    return defect;
  }
}

std::string help_text() {
  std::string text =
      "razorsim: cycles, energy, area and error of a LLaMA accelerator, from real tensors\n\n"
      "usage: razorsim COMMAND [OPTIONS]\n\ncommands:\n";
  for (const Command& command : commands())
    text += fmt::format("  {:<9} {}\n", command.name, command.summary);
  text +=
      "\n  razorsim COMMAND --help shows a command's options and examples\n"
      "  razorsim --version      shows the version\n\n"
      "exit codes: 0 done, 1 a defect of ours, 2 configuration, usage or output, 3 trace or model "
      "file\n";
  return text;
}

std::string help_text(const Command& command) {
  std::string text = fmt::format(
      "razorsim {}: {}\n\nusage: razorsim {}{}{} [OPTIONS]\n\noptions:\n", command.name,
      command.summary, command.name, command.positional.empty() ? "" : " ", command.positional);
  std::size_t width = 0;
  const auto left = [](const Option& each) {
    return fmt::format("--{}{}{}", each.name, each.argument.empty() ? "" : " ", each.argument);
  };
  for (const Option& each : command.options) width = std::max(width, left(each).size());
  for (const auto* list : {&command.options, &common_options()}) {
    for (const Option& each : *list) {
      text += fmt::format("  {:<{}}  {}", left(each), width, each.meaning);
      if (each.many) text += "; may be repeated";
      if (!each.initial.empty()) text += fmt::format(" (default: {})", each.initial);
      text += '\n';
    }
  }
  text += "\nexamples:\n";
  for (std::string_view example : command.examples) text += fmt::format("  {}\n", example);
  return text;
}

std::string commands_markdown() {
  std::string text;
  for (const Command& command : commands()) {
    text += fmt::format(
        "## razorsim {}{}{}\n\n{}.\n\n| option | default | meaning |\n|---|---|---|\n",
        command.name, command.positional.empty() ? "" : " ", command.positional, command.summary);
    for (const Option& each : command.options) {
      std::string meaning(each.meaning);
      for (std::size_t at = 0; (at = meaning.find('|', at)) != meaning.npos; at += 2)
        meaning.insert(at, 1, '\\');
      std::string argument(each.argument);
      if (const auto bar = argument.find('|'); bar != argument.npos)
        argument.replace(bar, 1, "\\|");
      text += fmt::format("| `--{}{}{}` | {} | {}{} |\n", each.name, argument.empty() ? "" : " ",
                          argument, each.initial, meaning, each.many ? "; may be repeated" : "");
    }
    text += "\n";
    for (std::string_view example : command.examples) text += fmt::format("    {}\n", example);
    text += "\n";
  }
  return text;
}

}  // namespace razorsim
