// SPDX-License-Identifier: Apache-2.0
#include "sim/values/run_values.h"

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "models/arithmetic/kernel.h"
#include "models/arithmetic/saturating.h"
#include "models/formats/operand_statistics.h"
#include "models/mapping/passes.h"
#include "models/operators/rescale.h"
#include "sim/values/attention_values.h"
#include "sim/values/made_tensors.h"
#include "sim/values/product_operands.h"
#include "sim/values/vector_values.h"

namespace razorsim {

class RunValues::Implementation {
 public:
  Implementation(std::shared_ptr<const TensorSource> source, NetworkSpec network,
                 std::vector<Operation> operations, Scheme scheme, ValueOptions options)
      : source_(std::move(source)),
        operations_(std::move(operations)),
        scheme_(std::move(scheme)),
        options_(std::move(options)),
        operands_(source_, operations_, scheme_),
        made_(operations_),
        vectors_(source_, std::move(network), operations_, made_, options_.chain),
        sums_(operations_.size()) {}

  std::int64_t multiply(const Job& job) {
    const Operation& operation = at(job.operation);
    if (operation.kind == OperationKind::scores) return attention(job).scores(job), 0;
    if (operation.kind == OperationKind::context) return attention(job).context(job), 0;
    const Tile& tile = job.tile;
    if (saturates(operation)) return multiply_whole(job, operation);
    razorsim::multiply(operands_.left(operation).packed, tile.m, operands_.right(operation).packed,
                       tile.n, tile.k, sums_of_tile(job), !tile.first_k, options_.threads);
    return 0;
  }

  TileValues tile_values(const Job& job) {
    const Operation& operation = at(job.operation);
    if (operation.kind != OperationKind::linear)
      return attention(job).tile_values(job, operation.kind == OperationKind::scores);
    const Tile& tile = job.tile;
    TileValues values{window(operands_.left(operation).encoded, tile.m, tile.k),
                      window(operands_.right(operation).encoded, tile.n, tile.k),
                      {}};
    const MatrixView<std::int64_t> sums = sums_of_tile(job);
    for (std::int64_t m = 0; m < tile.m.size(); ++m) {
      for (std::int64_t n = 0; n < tile.n.size(); ++n)
        values.sums.push_back(tile.first_k ? 0 : sums(m, n));
    }
    return values;
  }

  void store(const Job& job, const std::vector<std::int64_t>& tile_sums) {
    const Operation& operation = at(job.operation);
    if (operation.kind != OperationKind::linear)
      return attention(job).store(job, operation.kind == OperationKind::scores, tile_sums);
    const MatrixView<std::int64_t> sums = sums_of_tile(job);
    auto next = tile_sums.begin();
    for (std::int64_t m = 0; m < sums.rows(); ++m) {
      for (std::int64_t n = 0; n < sums.cols(); ++n) sums(m, n) = *next++;
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
    if (job.ends_vector && job.vector_operation >= 0) vectors_.operate(job);
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
    if (job.razor_groups == 0 || !read_whole || operands_.has(operation.output)) return;
    MadeTensor& made = made_.output_of(maker);
    made.encoded_elements += job.output_elements();
    // The unit works group by group; all groups of a tensor are encoded here in one go, when the
    // last of them has passed, which changes no bit.
    if (made.encoded_elements < made.rows * made.cols) return;
    operands_.encode_output(operation, options_.chain
                                           ? std::optional(vectors_.numbers(operation.output))
                                           : std::nullopt);
  }

  [[nodiscard]] std::vector<OutputComparison> comparisons() {
    std::vector<OutputComparison> all(operations_.size());
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      const auto reference = source_->reference(operations_[i].output);
      const auto output = made_.named(operations_[i].output);
      if (reference && output) all[i] = compare(operations_[i], *reference, *output);
    }
    return all;
  }

  [[nodiscard]] std::vector<ProductStatistics> statistics() const {
    std::vector<ProductStatistics> all(operations_.size());
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      const Operation& operation = operations_[i];
      if (operation.kind != OperationKind::linear) continue;
      const LeftOperand* left = operands_.made_left(operation);
      if (left == nullptr) continue;
      const EncodedMatrix& right = operands_.right(operation).encoded;
      // Planes of a wide operand have statistics of their own, which nobody has taken.
      if (plan(options_.unit, left->encoded.format, right.format).passes() != 1) continue;
      all[i] = {true, statistics_of(left->encoded), statistics_of(right)};
    }
    return all;
  }

  [[nodiscard]] const std::vector<std::int64_t>& sums() const { return sums_.front(); }
  [[nodiscard]] const std::vector<float>& outputs() { return made_.output_of(0).numbers; }

 private:
  [[nodiscard]] static std::size_t index(int operation) {
    return static_cast<std::size_t>(operation);
  }
  [[nodiscard]] const Operation& at(int operation) const { return operations_[index(operation)]; }

  /// The accumulators of a job's tile.
  MatrixView<std::int64_t> sums_of_tile(const Job& job) {
    const Operation& source = at(job.operation);
    std::vector<std::int64_t>& sums = sums_[index(job.operation)];
    if (sums.empty()) {
      // Memory that has been touched before is cheaper than new; what is in it is written over.
      sums = std::exchange(spare_sums_, {});
      sums.resize(static_cast<std::size_t>(source.m * source.n));
    }
    const Tile& tile = job.tile;
    return MatrixView<std::int64_t>(sums.data(), source.m, source.n)
        .block(tile.m.begin, tile.n.begin, tile.m.size(), tile.n.size());
  }

  /// Whether an accumulator of this width may overflow on these operands; found once an operation.
  bool saturates(const Operation& operation) {
    const auto [entry, added] = saturates_.try_emplace(operation.name, false);
    if (added) {
      // The formats' own bound is free; only where it fails are the elements looked at.
      const EncodedMatrix& a = operands_.left(operation).encoded;
      const EncodedMatrix& w = operands_.right(operation).encoded;
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
    UnitProduct product = multiply_on_unit(options_.unit, operands_.left(operation).encoded,
                                           operands_.right(operation).encoded, options_.threads);
    sums = std::move(product.accumulators);
    return product.counters.overflows;
  }

  void rescale_tile(const Job& job, const Operation& operation) {
    const Tile& tile = job.tile;
    const auto part = [](const std::vector<float>& scales, IndexRange range) {
      return scales.size() <= 1
                 ? std::span<const float>(scales)
                 : std::span<const float>(scales).subspan(static_cast<std::size_t>(range.begin),
                                                          static_cast<std::size_t>(range.size()));
    };
    rescale(sums_of_tile(job), part(operands_.left(operation).encoded.scales, tile.m),
            part(operands_.right(operation).encoded.scales, tile.n),
            made_.output_of(job.operation)
                .view()
                .block(tile.m.begin, tile.n.begin, tile.m.size(), tile.n.size()));
    if (!options_.keep_sums && tile.m.end == operation.m && tile.n.end == operation.n) {
      spare_sums_ = std::exchange(sums_[index(job.operation)], {});
    }
  }

  /// The attention that a scores or context job belongs to, built at its first job.
  AttentionValues& attention(const Job& job) {
    std::unique_ptr<AttentionValues>& values = attentions_[job.pass];
    if (!values) {
      int first = job.operation;
      while (at(first).kind != OperationKind::scores) --first;
      values = std::make_unique<AttentionValues>(attention_inputs(first));
      if (!options_.chain) {
        values->start_from(source_->reference(at(first).output),
                           source_->reference(at(first + 1).output));
      }
    }
    return *values;
  }

  /// Of the attention whose scores are operation `first`, followed by softmax and context.
  AttentionInputs attention_inputs(int first) {
    AttentionInputs inputs;
    inputs.scores_operation = at(first);
    inputs.context_operation = at(first + 2);
    inputs.scheme = scheme_;
    inputs.unit = options_.unit;
    inputs.output = &made_.output_of(first + 2).numbers;
    inputs.scores = &made_.output_of(first).numbers;
    inputs.probabilities = &made_.output_of(first + 1).numbers;
    const auto tensor = [&](const std::string& name, const FormatSpec& format, ReductionAxis axis) {
      return attention_operand(
          *source_, options_.chain ? std::optional(vectors_.numbers(name)) : std::nullopt, name,
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
    return inputs;
  }

  std::shared_ptr<const TensorSource> source_;
  std::vector<Operation> operations_;
  Scheme scheme_;
  ValueOptions options_;
  ProductOperands operands_;
  MadeTensors made_;
  VectorValues vectors_;
  std::vector<std::vector<std::int64_t>> sums_;
  std::vector<std::int64_t> spare_sums_;
  std::map<int, std::unique_ptr<AttentionValues>> attentions_;
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
