// SPDX-License-Identifier: Apache-2.0
#include "sim/app/dram.h"

#include <charconv>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "models/hardware/dram_trace_run.h"
#include "sim/app/console.h"
#include "sim/app/kinds.h"
#include "sim/config/explain.h"
#include "sim/config/json.h"
#include "sim/result/files.h"

namespace razorsim {
namespace {

/// Reads one line's "<earliest cycle> <R or W> <hex address>".
class LineReader {
 public:
  LineReader(const std::string& path, std::int64_t number, std::string_view line)
      : path_(path), number_(number), line_(line) {}

  DramTraceRequest read() {
    DramTraceRequest request;
    parse(word(), request.earliest, 10);
    const std::string_view kind = word();
    if (kind != "R" && kind != "W") fail();
    request.is_write = kind == "W";
    std::string_view address = word();
    if (address.starts_with("0x") || address.starts_with("0X")) address.remove_prefix(2);
    parse(address, request.address, 16);
    if (!word().empty() || request.earliest < 0) fail();
    return request;
  }

 private:
  std::string_view word() {
    constexpr const char* blank = " \t\r";
    const std::size_t begin = std::min(line_.find_first_not_of(blank), line_.size());
    line_.remove_prefix(begin);
    const std::string_view found = line_.substr(0, line_.find_first_of(blank));
    line_.remove_prefix(found.size());
    return found;
  }
  template <class Int>
  void parse(std::string_view text, Int& value, int radix) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, radix);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) fail();
  }
  [[noreturn]] void fail() const {
    throw TraceError(
        fmt::format("{}, line {}: not a request; allowed: <earliest cycle> <R or W> <hex address>",
                    path_, number_));
  }

  const std::string& path_;
  std::int64_t number_;
  std::string_view line_;
};

std::vector<DramTraceRequest> read_requests(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw TraceError(path + ": can't be read");
  std::vector<DramTraceRequest> requests;
  std::string line;
  for (std::int64_t number = 1; std::getline(file, line); ++number) {
    if (line.find_first_not_of(" \t\r") == line.npos || line.front() == '#') continue;
    requests.push_back(LineReader(path, number, line).read());
  }
  if (file.bad()) throw TraceError(path + ": can't be read");
  return requests;
}

/// The result with null for energies the device has no public source for.
Value result_value(const DramRunResult& result, const DramSpec& device) {
  Value value = to_value(result);
  for (Member& each : *value.find("counters")->find("energy")->object()) {
    const bool needs_io = each.key.starts_with("io") || each.key == "total_pj";
    const bool needs_currents = !each.key.starts_with("io");
    if ((needs_io && !device.io) || (needs_currents && !device.currents)) each.value = Value();
  }
  return value;
}

std::string result_text(const Value& value, const DramSpec& device) {
  std::string text;
  for (const Explanation& each : explain(shape_of<DramRunResult>(), "")) {
    const Value* at = &value;
    for (std::size_t begin = 0; at && begin < each.path.size();) {
      const std::size_t dot = std::min(each.path.find('.', begin), each.path.size());
      at = at->find(each.path.substr(begin, dot - begin));
      begin = dot + 1;
    }
    if (!at || at->object() || at->array() || at->is_null()) continue;
    text += fmt::format("{:<44} {:>16} {}\n", each.path, json_line(*at), each.unit);
  }
  if (!device.currents)
    text += "no core energy: the device states no currents (no public source)\n";
  if (!device.io) text += "no I/O energy: the device states none (no public source)\n";
  return text;
}

void run(const Arguments& arguments) {
  const DramSpec device = load_dram(arguments.required("device"), arguments.all("set"));
  const std::vector<DramTraceRequest> requests = read_requests(arguments.required("trace"));
  DramLog log;
  const DramRunResult result = run_dram_trace(device, arguments.text("mapping"), requests,
                                              arguments.has("log") ? &log : nullptr);
  if (arguments.has("log")) {
    std::string text;
    for (const DramLogEntry& each : log) text += to_line(each) + "\n";
    write_file(arguments.text("log"), text);
  }
  const Value value = result_value(result, device);
  if (arguments.has("json")) {
    print(json_text(value) + "\n");
  } else if (!arguments.has("quiet")) {
    print(result_text(value, device));
  }
}

}  // namespace

Command dram_command() {
  return {
      "dram",
      "run a stream of 64-byte requests through a DRAM device",
      "",
      {
          {"device", "DEVICE", "a device of configs/dram, or a file"},
          {"trace", "FILE", "requests, one a line: <earliest cycle> <R or W> <hex address>"},
          {"mapping", "NAME", "address mapping (default: the device's)"},
          {"log", "FILE",
           "write the DRAM commands there: <cycle> <channel> <command> <rank> <bank> <row> "
           "<column>"},
          {"set", "KEY=VALUE",
           "override a setting of the device, e.g. controller.page_policy=closed", "", true},
      },
      {
          "razorsim dram --device ddr4-3200 --trace requests.txt",
          "razorsim dram --device ddr4-3200 --mapping ro-ba-co-bg-64B --trace requests.txt --log "
          "commands.txt --json",
      },
      run,
  };
}

}  // namespace razorsim
