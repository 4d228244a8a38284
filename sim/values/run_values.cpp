// SPDX-License-Identifier: Apache-2.0
#include "sim/values/run_values.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "models/arithmetic/saturating.h"
#include "models/base/errors.h"
#include "models/formats/format.h"
#include "models/formats/operand_statistics.h"
#include "models/mapping/passes.h"
#include "models/operators/add.h"
#include "models/operators/rescale.h"
#include "models/operators/rms_norm.h"
#include "models/operators/silu_gate.h"
#include "models/operators/softmax.h"
#include "sim/values/attention_values.h"
#include "sim/values/made_tensor.h"

namespace razorsim {

class RunValues::Implementation {
 public:
  Implementation(std::shared_ptr<const TensorSource> source, NetworkSpec network,
                 std::vector<Operation> operations, Scheme scheme, ValueOptions options)
      : source_(std::move(source)),
        network_(std::move(network)),
        operations_(std::move(operations)),
        scheme_(std::move(scheme)),
        options_(std::move(options)) {
    made_.resize(operations_.size());
    sums_.resize(operations_.size());
    for (std::size_t i = 0; i < operations_.size(); ++i) prepare(operations_[i]);
  }

  std::int64_t multiply(const Job& job) {
    const Operation& operation = at(job.operation);
    if (operation.kind == OperationKind::scores) return attention(job).scores(job), 0;
    if (operation.kind == OperationKind::context) return attention(job).context(job), 0;
    const Tile& tile = job.tile;
    if (saturates(operation)) return multiply_whole(job, operation);
    const MatrixView<std::int64_t> all = sums_of(job.operation);
    razorsim::multiply(left(operation).packed, tile.m, right(operation).packed, tile.n, tile.k,
                       all.block(tile.m.begin, tile.n.begin, tile.m.size(), tile.n.size()),
                       !tile.first_k, options_.threads);
    return 0;
  }

  TileValues tile_values(const Job& job) {
    const Operation& operation = at(job.operation);
    if (operation.kind != OperationKind::linear)
      return attention(job).tile_values(job, operation.kind == OperationKind::scores);
    const Tile& tile = job.tile;
    TileValues values{window(left(operation).encoded, tile.m, tile.k),
                      window(right(operation).encoded, tile.n, tile.k),
                      {}};
    const MatrixView<std::int64_t> sums = sums_of(job.operation);
    for (std::int64_t m = tile.m.begin; m < tile.m.end; ++m) {
      for (std::int64_t n = tile.n.begin; n < tile.n.end; ++n)
        values.sums.push_back(tile.first_k ? 0 : sums(m, n));
    }
    return values;
  }

  void store(const Job& job, const std::vector<std::int64_t>& tile_sums) {
    const Operation& operation = at(job.operation);
    if (operation.kind != OperationKind::linear)
      return attention(job).store(job, operation.kind == OperationKind::scores, tile_sums);
    const MatrixView<std::int64_t> sums = sums_of(job.operation);
    auto next = tile_sums.begin();
    for (std::int64_t m = job.tile.m.begin; m < job.tile.m.end; ++m) {
      for (std::int64_t n = job.tile.n.begin; n < job.tile.n.end; ++n) sums(m, n) = *next++;
    }
  }

  void vector(const Job& job) {
    const Operation& operation = at(job.operation);
    if (job.has_tile) {
      if (operation.kind == OperationKind::scores || operation.kind == OperationKind::context) {
        attention(job).vector(job, operation.kind == OperationKind::scores);
      } else {
        rescale_tile(job, operation);
      }
    }
    if (job.ends_vector && job.vector_operation >= 0) operate(job, at(job.vector_operation));
  }

  void razor(const Job& job) {
    if (job.has_tile && at(job.operation).kind == OperationKind::scores)
      return attention(job).encode_probabilities(job);
    const int maker = job.vector_operation >= 0 ? job.vector_operation : job.operation;
    const Operation& operation = at(maker);
    // Query, K and V are encoded head by head, by the attention that reads them.
    const bool read_whole =
        std::any_of(operations_.begin(), operations_.end(), [&](const Operation& reader) {
          return reader.kind == OperationKind::linear && reader.inputs.front() == operation.output;
        });
    if (job.razor_groups == 0 || !read_whole || operands_.contains(operation.output)) return;
    MadeTensor& made = made_tensor(maker);
    made.encoded_elements += job.output_elements();
    // The unit works group by group; all groups of a tensor are encoded here in one go, when the
    // last of them has passed, which changes no bit.
    if (made.encoded_elements >= made.rows * made.cols) encode_output(operation);
  }

  [[nodiscard]] std::vector<OutputComparison> comparisons() {
    std::vector<OutputComparison> all(operations_.size());
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      const Operation& operation = operations_[i];
      const auto reference = source_->reference(operation.output);
      if (!reference) continue;
      if (made_[i].numbers.empty()) continue;
      all[i] = compare(operation, *reference, made_[i].view());
    }
    return all;
  }

  [[nodiscard]] std::vector<ProductStatistics> statistics() const {
    std::vector<ProductStatistics> all(operations_.size());
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      const Operation& operation = operations_[i];
      if (operation.kind != OperationKind::linear) continue;
      const auto left = operands_.find(operation.inputs.front());
      const auto right =
          rights_.find(operation.weight.empty() ? operation.inputs.back() : operation.weight);
      if (left == operands_.end() || right == rights_.end()) continue;
      // Planes of a wide operand have statistics of their own, which nobody has taken.
      if (plan(options_.unit, left->second.encoded.format, right->second.encoded.format).passes() !=
          1)
        continue;
      all[i] = {true, statistics_of(left->second.encoded), statistics_of(right->second.encoded)};
    }
    return all;
  }

  [[nodiscard]] const std::vector<std::int64_t>& sums() const { return sums_.front(); }
  [[nodiscard]] const std::vector<float>& outputs() const { return made_.front().numbers; }

 private:
  struct LeftOperand {
    EncodedMatrix encoded;
    PackedLeft packed;
  };
  struct RightOperand {
    EncodedMatrix encoded;
    PackedRight packed;
  };

  MatrixView<std::int64_t> sums_of(int operation) {
    const Operation& source = at(operation);
    std::vector<std::int64_t>& sums = sums_[index(operation)];
    if (sums.empty()) {
      // Memory that has been touched before is cheaper than new; what is in it is written over.
      sums = std::exchange(spare_sums_, {});
      sums.resize(static_cast<std::size_t>(source.m * source.n));
    }
    return {sums.data(), source.m, source.n};
  }

  /// Whether an accumulator of this width may overflow on these operands; found once an operation.
  bool saturates(const Operation& operation) {
    const auto [entry, added] = saturates_.try_emplace(operation.name, false);
    if (added) {
      // The formats' own bound is free; only where it fails are the elements looked at.
      const EncodedMatrix& a = left(operation).encoded;
      const EncodedMatrix& w = right(operation).encoded;
      entry->second = accumulator_bits_needed(a.format, w.format, operation.k) >
                          options_.unit.accumulator_bits &&
                      !never_overflows(options_.unit, a, w);
    }
    return entry->second;
  }

  /// An accumulator that overflows depends on the order of its additions, so the product is made at
  /// its first tile, in the canonical order; later slabs go on from there without adding anything.
  std::int64_t multiply_whole(const Job& job, const Operation& operation) {
    std::vector<std::int64_t>& sums = sums_[index(job.operation)];
    if (!sums.empty()) return 0;
    UnitProduct product = multiply_on_unit(options_.unit, left(operation).encoded,
                                           right(operation).encoded, options_.threads);
    sums = std::move(product.accumulators);
    return product.counters.overflows;
  }

  [[nodiscard]] static std::size_t index(int operation) {
    return static_cast<std::size_t>(operation);
  }
  [[nodiscard]] const Operation& at(int operation) const { return operations_[index(operation)]; }

  void prepare(const Operation& operation) {
    if (operation.past > 0 && operation.is_product()) {
      throw ConfigError("values", "are 'on', but operation " + operation.name +
                                      " reads cached tokens that no trace has; allowed: off");
    }
    if (operation.kind != OperationKind::linear) return;
    const ProductFormats formats = formats_of(operation, scheme_);
    for (const FormatSpec& format : {formats.left, formats.right}) {
      if (is_integer_format(format) && format.granularity != ScaleGranularity::group) continue;
      throw ConfigError(
          "scheme",
          "gives " + operation.name + " the format " + format.name +
              (is_integer_format(format) ? " with a scale a group" : "") +
              ", which no arithmetic unit of this version takes; allowed: sdr, int4, int8, int16");
    }
    const std::string right = operation.weight.empty() ? operation.inputs.back() : operation.weight;
    RightOperand operand;
    operand.encoded = encode_tensor(*source_, right, formats.right, true);
    operand.packed = PackedRight(operand.encoded.values_view());
    rights_.try_emplace(right, std::move(operand));
  }

  LeftOperand& left(const Operation& operation) {
    const std::string& name = operation.inputs.front();
    const auto found = operands_.find(name);
    if (found != operands_.end()) return found->second;
    // Nothing in this run made it: it was in memory from the start.
    LeftOperand operand;
    operand.encoded = encode_tensor(*source_, name, formats_of(operation, scheme_).left, false);
    operand.packed = PackedLeft(operand.encoded.values_view());
    return operands_.emplace(name, std::move(operand)).first->second;
  }
  RightOperand& right(const Operation& operation) {
    return rights_.at(operation.weight.empty() ? operation.inputs.back() : operation.weight);
  }

  void encode_output(const Operation& operation) {
    const FormatSpec format = stored_format(operation.output, operations_, scheme_);
    LeftOperand operand;
    operand.encoded = options_.chain ? encode_numbers(numbers(operation.output), format,
                                                      maximum_of(operation.output, format))
                                     : encode_tensor(*source_, operation.output, format, false);
    operand.packed = PackedLeft(operand.encoded.values_view());
    operands_.emplace(operation.output, std::move(operand));
  }

  [[nodiscard]] float maximum_of(const std::string& name, const FormatSpec& format) const {
    return format.calibration == Calibration::from_file ? source_->absmax(name) : 1.0F;
  }

  void rescale_tile(const Job& job, const Operation& operation) {
    MadeTensor& made = made_tensor(job.operation);
    const Tile& tile = job.tile;
    const MatrixView<std::int64_t> sums = sums_of(job.operation);
    const auto part = [](const std::vector<float>& scales, IndexRange range) {
      return scales.size() <= 1
                 ? std::span<const float>(scales)
                 : std::span<const float>(scales).subspan(static_cast<std::size_t>(range.begin),
                                                          static_cast<std::size_t>(range.size()));
    };
    rescale(sums.block(tile.m.begin, tile.n.begin, tile.m.size(), tile.n.size()),
            part(left(operation).encoded.scales, tile.m),
            part(right(operation).encoded.scales, tile.n),
            made.view().block(tile.m.begin, tile.n.begin, tile.m.size(), tile.n.size()));
    if (!options_.keep_sums && tile.m.end == operation.m && tile.n.end == operation.n) {
      spare_sums_ = std::exchange(sums_[index(job.operation)], {});
    }
  }

  /// A vector operation on the block of a job, from the trace's tensors or the machine's own.
  void operate(const Job& job, const Operation& operation) {
    // Softmax is done with the scores, where the block is; a product here only comes back for its
    // scale.
    if (operation.kind == OperationKind::softmax || operation.is_product()) return;
    MadeTensor& made = made_tensor(job.vector_operation);
    const IndexRange rows = job.rows;
    const IndexRange cols = job.cols;
    const auto block = [&](MatrixView<const float> whole) {
      return whole.block(rows.begin, cols.begin, rows.size(), cols.size());
    };
    const MatrixView<float> all = made.view();
    const MatrixView<float> out = all.block(rows.begin, cols.begin, rows.size(), cols.size());
    switch (operation.kind) {
      case OperationKind::rms_norm: {
        const std::vector<float> weight = source_->weight(operation.weight);
        rms_norm(block(numbers(operation.inputs[0])), weight,
                 static_cast<float>(network_.norm_epsilon), out);
        break;
      }
      case OperationKind::rope: rotate(operation, rows, cols, out); break;
      case OperationKind::silu_gate:
        silu_gate(block(numbers(operation.inputs[0])), block(numbers(operation.inputs[1])), out);
        break;
      case OperationKind::add:
        add(block(numbers(operation.inputs[0])), block(numbers(operation.inputs[1])), out);
        break;
      default: throw Defect(operation.name + ": not a vector operation");
    }
  }

  void rotate(const Operation& operation, IndexRange rows, IndexRange cols, MatrixView<float> out) {
    if (!rope_) rope_.emplace(network_, 0, operation.m);
    const MatrixView<const float> in = numbers(operation.inputs[0]);
    for (std::int64_t head = 0; head < cols.size(); head += operation.n) {
      rope_->rotate(in.block(rows.begin, cols.begin + head, rows.size(), operation.n),
                    out.block(0, head, rows.size(), operation.n), rows.begin);
    }
  }

  /// What an operation reads: the trace's tensor, or in a chain what the machine made of it.
  [[nodiscard]] MatrixView<const float> numbers(const std::string& name) {
    if (options_.chain) {
      for (std::size_t i = 0; i < operations_.size(); ++i) {
        if (operations_[i].output == name && !made_[i].numbers.empty()) return made_[i].view();
      }
    }
    const auto reference = source_->reference(name);
    if (!reference) throw TraceError("the trace has no tensor " + name);
    return *reference;
  }

  MadeTensor& made_tensor(int operation) {
    MadeTensor& made = made_[index(operation)];
    if (made.rows == 0) made = MadeTensor::by_token(at(operation));
    return made;
  }

  /// The attention that a scores or context job belongs to, built at its first job.
  AttentionValues& attention(const Job& job) {
    std::unique_ptr<AttentionValues>& values = attentions_[job.pass];
    if (!values) {
      int first = job.operation;
      while (at(first).kind != OperationKind::scores) --first;
      AttentionInputs inputs;
      inputs.scores_operation = at(first);
      inputs.context_operation = at(first + 2);
      inputs.scheme = scheme_;
      inputs.unit = options_.unit;
      inputs.output = &made_tensor(first + 2).numbers;
      inputs.scores = &scores_output(first);
      inputs.probabilities = &scores_output(first + 1);
      const auto tensor = [&](const std::string& name, const FormatSpec& format,
                              ReductionAxis axis) {
        return attention_operand(*source_,
                                 options_.chain ? std::optional(numbers(name)) : std::nullopt, name,
                                 format, axis, at(first));
      };
      const ProductFormats qk = formats_of(at(first), scheme_);
      const ProductFormats pv = formats_of(at(first + 2), scheme_);
      inputs.query = tensor(at(first).inputs[0], qk.left, ReductionAxis::features);
      inputs.key = tensor(at(first).inputs[1], qk.right, ReductionAxis::features);
      inputs.value = tensor(at(first + 2).inputs[1], pv.right,
                            scheme_.value_axis == ValueAxis::tokens && pv.right.name == "sdr"
                                ? ReductionAxis::tokens
                                : ReductionAxis::features);
      values = std::make_unique<AttentionValues>(std::move(inputs));
      if (!options_.chain) {
        values->start_from(source_->reference(at(first).output),
                           source_->reference(at(first + 1).output));
      }
    }
    return *values;
  }

  std::vector<float>& scores_output(int operation) {
    MadeTensor& made = made_[index(operation)];
    made = MadeTensor::by_head(at(operation));
    return made.numbers;
  }

  std::shared_ptr<const TensorSource> source_;
  NetworkSpec network_;
  std::vector<Operation> operations_;
  Scheme scheme_;
  ValueOptions options_;
  std::map<std::string, LeftOperand> operands_;
  std::map<std::string, RightOperand> rights_;
  std::vector<MadeTensor> made_;
  std::vector<std::vector<std::int64_t>> sums_;
  std::vector<std::int64_t> spare_sums_;
  std::map<int, std::unique_ptr<AttentionValues>> attentions_;
  std::optional<RopeTable> rope_;
  std::map<std::string, bool> saturates_;
};

RunValues::RunValues(std::shared_ptr<const TensorSource> source, NetworkSpec network,
                     std::vector<Operation> operations, Scheme scheme, ValueOptions options)
    : self_(std::make_unique<Implementation>(std::move(source), std::move(network),
                                             std::move(operations), std::move(scheme),
                                             std::move(options))) {}
RunValues::~RunValues() = default;

std::int64_t RunValues::multiply(const Job& job) { return self_->multiply(job); }
TileValues RunValues::tile_values(const Job& job) { return self_->tile_values(job); }
void RunValues::store(const Job& job, const std::vector<std::int64_t>& sums) {
  self_->store(job, sums);
}
void RunValues::vector(const Job& job) { self_->vector(job); }
void RunValues::razor(const Job& job) { self_->razor(job); }
std::vector<OutputComparison> RunValues::comparisons() const { return self_->comparisons(); }
std::vector<ProductStatistics> RunValues::statistics() const { return self_->statistics(); }
const std::vector<std::int64_t>& RunValues::sums() const { return self_->sums(); }
const std::vector<float>& RunValues::outputs() const { return self_->outputs(); }

}  // namespace razorsim
