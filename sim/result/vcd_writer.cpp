// SPDX-License-Identifier: Apache-2.0
#include "sim/result/vcd_writer.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace razorsim {
namespace {

/// Short names of printable characters: "!" to "~", then two of them, ...
std::string identifier(std::size_t index) {
  constexpr std::size_t digits = 94;
  std::string text;
  for (++index; index > 0; index = (index - 1) / digits)
    text += static_cast<char>('!' + (index - 1) % digits);
  return text;
}

std::vector<std::string> parts_of(std::string_view scope) {
  std::vector<std::string> parts;
  while (!scope.empty()) {
    const std::size_t end = std::min(scope.find('.'), scope.size());
    parts.emplace_back(scope.substr(0, end));
    scope.remove_prefix(std::min(end + 1, scope.size()));
  }
  return parts;
}

void add_declarations(const Waveform& waves, std::string& text) {
  std::vector<std::string> open;
  const auto move_to = [&](const std::vector<std::string>& scope) {
    std::size_t common = 0;
    while (common < open.size() && common < scope.size() && open[common] == scope[common]) ++common;
    for (; open.size() > common; open.pop_back()) text += "$upscope $end\n";
    for (; open.size() < scope.size(); open.push_back(scope[open.size()]))
      text += fmt::format("$scope module {} $end\n", scope[open.size()]);
  };
  for (std::size_t i = 0; i < waves.signals.size(); ++i) {
    const WaveSignal& signal = waves.signals[i];
    move_to(parts_of(signal.scope));
    const std::string range = signal.bits > 1 ? fmt::format(" [{}:0]", signal.bits - 1) : "";
    text +=
        fmt::format("$var wire {} {} {}{} $end\n", signal.bits, identifier(i), signal.name, range);
  }
  move_to({});
  text += "$enddefinitions $end\n";
}

void add_value(const WaveSignal& signal, std::size_t index, std::int64_t value, std::string& text) {
  const auto bits = static_cast<std::uint64_t>(value);
  if (signal.bits == 1) {
    text += (bits & 1) != 0 ? '1' : '0';
  } else {
    text += 'b';
    for (int bit = signal.bits - 1; bit >= 0; --bit) text += ((bits >> bit) & 1) != 0 ? '1' : '0';
    text += ' ';
  }
  text += identifier(index) + '\n';
}

}  // namespace

std::string vcd_text(const Waveform& waves, std::string_view comment) {
  std::string text = fmt::format("$comment {} $end\n$timescale 1 ps $end\n", comment);
  add_declarations(waves, text);
  text += "$dumpvars\n";
  for (std::size_t i = 0; i < waves.signals.size(); ++i) {
    if (waves.signals[i].bits == 1) {
      text += 'x' + identifier(i) + '\n';
    } else {
      text += "bx " + identifier(i) + '\n';
    }
  }
  text += "$end\n";
  Picoseconds time{-1};
  for (const WaveChange& change : waves.changes) {
    if (change.time != time)
      fmt::format_to(std::back_inserter(text), "#{}\n", (time = change.time).count());
    const auto index = static_cast<std::size_t>(change.signal);
    add_value(waves.signals[index], index, change.value, text);
  }
  return text;
}

}  // namespace razorsim
