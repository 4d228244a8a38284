// SPDX-License-Identifier: Apache-2.0
#include "traces/io/topology.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "models/base/units.h"
#include "traces/io/untrusted.h"

namespace razorsim {
namespace {

constexpr std::int64_t largest = 1 << 28;  // of an Operation's sides

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view no_break_space = "\xC2\xA0";

std::string trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\v\f";
  for (;;) {
    const std::size_t before = text.size();
    while (!text.empty() && blanks.find(text.front()) != blanks.npos) text.remove_prefix(1);
    while (!text.empty() && blanks.find(text.back()) != blanks.npos) text.remove_suffix(1);
    if (text.starts_with(no_break_space)) text.remove_prefix(no_break_space.size());
    if (text.ends_with(no_break_space)) text.remove_suffix(no_break_space.size());
    if (text.size() == before) return std::string(text);
  }
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

bool has_digit_first(const std::string& cell) {
  return !cell.empty() && cell.front() >= '0' && cell.front() <= '9';
}

struct Row {
  std::size_t line = 0;  ///< from 1
  std::vector<std::string> cells;

  [[nodiscard]] std::string cell(std::size_t column) const {
    return column < cells.size() ? cells[column] : std::string();
  }
  /// Something stands beyond the first cell.
  [[nodiscard]] bool has_numbers() const {
    return std::any_of(cells.begin() + 1, cells.end(), [](auto& each) { return !each.empty(); });
  }
};

/// Lines with anything in them.
std::vector<Row> rows_of(std::string_view text) {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  std::vector<Row> rows;
  char separator = 0;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    const std::string_view content = text.substr(0, end);
    const bool windows = text.substr(end).starts_with("\r\n");
    text.remove_prefix(std::min(text.size(), end + (windows ? 2 : 1)));
    if (trimmed(content).empty() || trimmed(content).front() == '#') continue;
    // The header decides; some files have tabs, some programs write semicolons.
    for (const char each : {',', '\t', ';'}) {
      if (separator == 0 && content.find(each) != content.npos) separator = each;
    }
    Row row{line, {}};
    for (std::size_t begin = 0; begin <= content.size();) {
      const std::size_t stop = std::min(content.find(separator, begin), content.size());
      row.cells.push_back(trimmed(content.substr(begin, stop - begin)));
      begin = stop + 1;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

class Reader {
 public:
  Reader(const std::string& file, std::string_view text) : file_(file), rows_(rows_of(text)) {}

  Topology read() {
    if (rows_.empty()) throw ConfigError(file_, "has no header and no layers");
    read_header();
    for (std::size_t i = 1; i < rows_.size(); ++i) {
      row_ = &rows_[i];
      // A title of a part of the file, or separators alone.
      if (row_->has_numbers()) add_layer();
    }
    if (topology_.layers.empty()) throw ConfigError(file_, "has no layers below its header");
    return std::move(topology_);
  }

 private:
  void read_header() {
    const Row& header = rows_.front();
    row_ = &header;
    columns_ = header.cells;
    const auto name = [&](std::size_t column) { return lower(header.cell(column)); };
    if (std::any_of(columns_.begin() + 1, columns_.end(), has_digit_first))
      fail("header", "is missing: the first line has numbers" + allowed_headers());
    gemm_ = name(1) == "m";
    const std::size_t needed = gemm_ ? 4 : 8;
    // Columns count by their place, so names in another order would be misread.
    const bool known = gemm_ ? name(2) == "n" && name(3) == "k"
                             : columns_.size() >= needed && !header.cell(7).empty();
    if (!known)
      fail("header", fmt::format("is {}", in_quotes(text_of(header))) + allowed_headers());
    topology_.convolutions = !gemm_;
    for (std::size_t column = needed; column < columns_.size(); ++column) {
      if (name(column).starts_with("batch")) batch_ = column;
      if (name(column).starts_with("sparsity")) sparsity_ = column;
      if (!gemm_ && column == 8 && name(column).starts_with("stride")) stride_width_ = column;
    }
  }

  static std::string allowed_headers() {
    return "; allowed: Layer,M,N,K or Layer name,IFMAP Height,IFMAP Width,Filter Height,Filter "
           "Width,Channels,Num Filter,Strides";
  }
  static std::string text_of(const Row& row) {
    std::string text;
    for (const std::string& each : row.cells) text += (text.empty() ? "" : ",") + each;
    return text;
  }

  void add_layer() {
    Operation layer;
    layer.layer = static_cast<int>(topology_.layers.size());
    layer.name = row_->cell(0).empty() ? fmt::format("layer {}", layer.layer) : row_->cell(0);
    // From the left, so that the first thing wrong is the one named.
    for (std::size_t column = 1; column < (gemm_ ? 4U : 8U); ++column) (void)number(column);
    if (gemm_) {
      layer.m = number(1);
      layer.n = number(2);
      layer.k = number(3);
    } else {
      lower_convolution(layer);
    }
    if (batch_ && !row_->cell(*batch_).empty()) layer.m = product("M", {layer.m, number(*batch_)});
    if (sparsity_) check_sparsity();
    layer.inputs = {fmt::format("layer {}.input", layer.layer)};
    layer.weight = fmt::format("layer {}.weight", layer.layer);
    layer.output = fmt::format("layer {}.output", layer.layer);
    topology_.layers.push_back(std::move(layer));
  }

  void lower_convolution(Operation& layer) const {
    const std::int64_t channels = number(5);
    const std::int64_t stride = number(7);
    const std::int64_t height = outputs(1, 3, stride);
    const std::int64_t width = outputs(2, 4, stride_width_ ? number(*stride_width_) : stride);
    const bool depth_wise = row_->cell(0).find("DP") != std::string::npos;
    layer.m = product("M (output pixels)", {height, width});
    layer.k = product("K (window)", {number(3), number(4), depth_wise ? 1 : channels});
    layer.n = number(6);
    if (!depth_wise) return;
    if (channels > 1 << 24) fail(column_name(5), "is more than 16777216 in a depth-wise layer");
    layer.heads = channels;
    layer.kv_heads = channels;
  }

  /// Output pixels along one axis.
  [[nodiscard]] std::int64_t outputs(std::size_t input, std::size_t filter,
                                     std::int64_t stride) const {
    if (number(filter) > number(input)) {
      fail(column_name(filter), fmt::format("is {}, more than {}, which is {}", number(filter),
                                            column_name(input), number(input)));
    }
    return ceil_div(number(input) - number(filter) + stride, stride);
  }

  [[nodiscard]] std::int64_t product(const char* what,
                                     std::initializer_list<std::int64_t> sides) const {
    std::int64_t all = 1;
    for (const std::int64_t side : sides) {
      if (all > largest / side) fail(what, fmt::format("of the product is more than {}", largest));
      all *= side;
    }
    return all;
  }

  [[nodiscard]] std::int64_t number(std::size_t column) const {
    const std::string text = row_->cell(column);
    std::int64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    if (read.ec != std::errc() || read.ptr != end || value < 1 || value > largest) {
      fail(column_name(column), fmt::format("is {}; allowed: a whole number from 1 to {}",
                                            column >= row_->cells.size() ? "missing"
                                            : text.empty()               ? "empty"
                                                                         : in_quotes(text),
                                            largest));
    }
    return value;
  }

  /// SCALE-Sim has N:M sparsity only where its configuration turns it on; here layers are dense.
  void check_sparsity() {
    const std::string ratio = row_->cell(*sparsity_);
    const auto colon = ratio.find(':');
    const bool dense =
        ratio.empty() || (colon != ratio.npos && ratio.substr(0, colon) == ratio.substr(colon + 1));
    if (!dense) topology_.sparse = true;
  }

  [[nodiscard]] std::string column_name(std::size_t column) const {
    return column < columns_.size() && !columns_[column].empty()
               ? "column " + in_quotes(columns_[column])
               : fmt::format("column {}", column + 1);
  }
  [[noreturn]] void fail(const std::string& where, const std::string& why) const {
    throw ConfigError(fmt::format("{}, line {}, {}", file_, row_->line, where), why);
  }

  const std::string& file_;
  std::vector<Row> rows_;
  const Row* row_ = nullptr;
  std::vector<std::string> columns_;
  bool gemm_ = false;
  std::optional<std::size_t> batch_;
  std::optional<std::size_t> sparsity_;
  std::optional<std::size_t> stride_width_;
  Topology topology_;
};

}  // namespace

Topology parse_topology(std::string_view text, const std::string& file) {
  return Reader(file, text).read();
}

Topology read_topology(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || std::filesystem::is_directory(path)) throw ConfigError(path, "can't be read");
  text << file.rdbuf();
  if (file.bad()) throw ConfigError(path, "can't be read");
  return parse_topology(text.str(), path);
}

}  // namespace razorsim
