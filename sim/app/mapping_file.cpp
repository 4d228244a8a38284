// SPDX-License-Identifier: Apache-2.0
#include "sim/app/mapping_file.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "models/base/errors.h"
#include "sim/config/json.h"
#include "sim/config/load.h"

namespace razorsim {

struct MappingFile {
  std::vector<GivenMapping> operations;
};
template <>
inline constexpr auto fields<MappingFile> = field_table<MappingFile>(
    field("operations", &MappingFile::operations, "", any_value, "one entry a product"));

namespace {

/// The context product goes block by block with its scores.
bool has_mapping(OperationKind kind) {
  return kind == OperationKind::linear || kind == OperationKind::scores;
}

}  // namespace

std::vector<GivenMapping> read_mapping(const std::string& path,
                                       const std::vector<Operation>& operations, bool one_layer) {
  MappingFile file = from_value<MappingFile>(read_json_file(path));
  std::vector<std::string_view> names;
  for (const Operation& each : operations) {
    if (!has_mapping(each.kind)) continue;
    for (const std::string_view name : {std::string_view(each.name), name_in_layer(each.name)}) {
      if (one_layer && name != name_in_layer(each.name)) continue;
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  std::vector<Problem> problems;
  for (std::size_t i = 0; i < file.operations.size(); ++i) {
    const GivenMapping& each = file.operations[i];
    const std::string key = fmt::format("operations[{}]", i);
    if (std::find(names.begin(), names.end(), each.operation) == names.end()) {
      problems.push_back(
          {key + ".operation",
           fmt::format("is '{}'; allowed: {}{} ({})", each.operation, fmt::join(names, ", "),
                       did_you_mean(each.operation, names), path)});
    }
    for (const auto& [name, tile] :
         {std::pair{"tile_m", each.tile_m}, {"tile_n", each.tile_n}, {"tile_k", each.tile_k}}) {
      if (tile == 0)
        problems.push_back(
            {fmt::format("{}.{}", key, name),
             fmt::format("is missing; allowed: a whole number of at least 1 ({})", path)});
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (file.operations[j].operation == each.operation)
        problems.push_back({key + ".operation", fmt::format("is '{}', as that of operations[{}] "
                                                            "is; allowed: one entry each ({})",
                                                            each.operation, j, path)});
    }
  }
  if (!problems.empty()) throw ConfigError(std::move(problems));
  return file.operations;
}

std::string mapping_json(const RunResult& result) {
  std::vector<GivenMapping> all;
  std::vector<GivenMapping> by_name;
  bool layers_agree = true;
  for (const OperationResult& each : result.operations) {
    if (!has_mapping(each.kind) || each.mapping.tile_m == 0) continue;
    if (each.name.starts_with("decode.")) continue;  // has the prefill's names when given back
    GivenMapping mapping{each.name,
                         each.mapping.tile_m,
                         each.mapping.tile_n,
                         each.mapping.tile_k,
                         each.mapping.order == "nmk" ? LoopOrder::nmk : LoopOrder::mnk,
                         each.mapping.resident};
    all.push_back(mapping);
    mapping.operation = name_in_layer(each.name);
    const auto known = std::find_if(by_name.begin(), by_name.end(), [&](const GivenMapping& other) {
      return other.operation == mapping.operation;
    });
    if (known == by_name.end()) {
      by_name.push_back(mapping);
    } else if (*known != mapping) {
      layers_agree = false;
    }
  }
  return json_text(to_value(MappingFile{layers_agree ? by_name : all})) + "\n";
}

}  // namespace razorsim
