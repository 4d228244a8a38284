// SPDX-License-Identifier: Apache-2.0
#include "sim/result/timeline_writer.h"

#include <iterator>

#include <fmt/format.h>

#include "sim/config/json.h"

namespace razorsim {
namespace {

constexpr std::int64_t ps_per_us = 1'000'000;

/// "12.000345", exact.
std::string microseconds(Picoseconds time) {
  return fmt::format("{}.{:06}", time.count() / ps_per_us, time.count() % ps_per_us);
}

std::string json_string(std::string_view text) { return json_line(Value(text)); }

std::string label(const Slice& slice, const RunResult& result) {
  if (slice.activity != Activity::busy) return fmt::format("wait: {}", name_of(slice.cause));
  const auto index = static_cast<std::size_t>(slice.operation);
  return slice.operation >= 0 && index < result.operations.size() ? result.operations[index].name
                                                                  : "busy";
}

void add_slice(std::string& text, const Slice& slice, std::size_t track, const RunResult& result) {
  fmt::format_to(
      std::back_inserter(text),
      ",\n{{\"ph\":\"X\",\"pid\":1,\"tid\":{},\"ts\":{},\"dur\":{},\"name\":{},\"cat\":\"{}\"",
      track, microseconds(slice.begin), microseconds(slice.end - slice.begin),
      json_string(label(slice, result)), name_of(slice.activity));
  const auto index = static_cast<std::size_t>(slice.operation);
  if (slice.activity != Activity::busy && slice.operation >= 0 &&
      index < result.operations.size()) {
    fmt::format_to(std::back_inserter(text), ",\"args\":{{\"operation\":{}}}",
                   json_string(result.operations[index].name));
  }
  text += '}';
}

}  // namespace

std::string timeline_json(const RunResult& result) {
  std::string text = fmt::format(
      "{{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n"
      "{{\"ph\":\"M\",\"pid\":1,\"name\":\"process_name\",\"args\":{{\"name\":{}}}}}",
      json_string(fmt::format("{}, {}", result.provenance.workload, result.provenance.scheme)));
  for (std::size_t i = 0; i < result.modules.size(); ++i) {
    const ModuleResult& module = result.modules[i];
    fmt::format_to(std::back_inserter(text),
                   ",\n{{\"ph\":\"M\",\"pid\":1,\"tid\":{},\"name\":\"thread_name\",\"args\":{{"
                   "\"name\":{}}}}}",
                   i + 1, json_string(module.name));
    fmt::format_to(std::back_inserter(text),
                   ",\n{{\"ph\":\"M\",\"pid\":1,\"tid\":{},\"name\":\"thread_sort_index\",\"args\":"
                   "{{\"sort_index\":{}}}}}",
                   i + 1, i + 1);
    for (const Slice& slice : module.slices) add_slice(text, slice, i + 1, result);
  }
  return text + "\n]}\n";
}

}  // namespace razorsim
