// SPDX-License-Identifier: Apache-2.0
#include "sim/values/run_values.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "models/arithmetic/units.h"
#include "models/formats/operand_statistics.h"
#include "models/mapping/passes.h"
#include "sim/values/attention_values.h"
#include "sim/values/linear_values.h"
#include "sim/values/made_tensors.h"
#include "sim/values/pass_queue.h"
#include "sim/values/pass_work.h"
#include "sim/values/product_operands.h"
#include "sim/values/vector_values.h"
#include "traces/llama/parallel.h"

namespace razorsim {

class RunValues::Implementation {
 public:
  Implementation(std::shared_ptr<const TensorSource> source, NetworkSpec network,
                 std::vector<Operation> operations, Scheme scheme, ValueOptions options)
      : source_(std::move(source)),
        operations_(std::move(operations)),
        scheme_(std::move(scheme)),
        options_(std::move(options)),
        operands_(source_, operations_, scheme_, options_.unit, weights(), options_.threads),
        made_(operations_, options_.sequences, *source_,
              [this](const Operation& operation) { return keeps(operation); }),
        comparisons_(operations_.size()),
        linears_(operations_, operands_, made_,
                 {options_.unit, options_.array, options_.keep_sums || options_.dump.is_on(),
                  options_.threads}),
        vectors_(source_, std::move(network), operations_, made_, options_.chain, options_.threads),
        queue_([this](const PassWork& work) { compute(work); }) {
    // Cached keys and values are in memory before the run, as weights are.
    for (std::size_t i = 0; i < operations_.size() && !options_.chain; ++i) {
      if (at(static_cast<int>(i)).kind == OperationKind::scores && operations_[i].past > 0)
        (void)attention(static_cast<int>(i));
    }
  }

  // What the modules do is recorded, and computed when the pass is over. An array that steps
  // registers wants each tile's operands at once, and with it nothing waits.

  void multiply(const Job& job) {
    record([&] { work_.multiply(job, at(job.operation)); });
  }
  void vector(const Job& job) {
    record([&] { work_.vector(job, at(job.operation)); });
  }
  void razor(const Job& job) {
    record([&] { work_.razor(job, at(job.operation)); });
    if (job.last_of_pass) end_pass();
  }

  TileValues tile_values(const Job& job) {
    if (!at_once_) finish();
    at_once_ = true;
    const OperationKind kind = at(job.operation).kind;
    if (kind == OperationKind::linear) {
      fetch_left(job.operation);
      return linears_.tile_values(job);
    }
    return attention(job.operation).tile_values(job, kind == OperationKind::scores);
  }

  void store(const Job& job, const std::vector<std::int64_t>& tile_sums) {
    const OperationKind kind = at(job.operation).kind;
    if (kind == OperationKind::linear) return linears_.store(job, tile_sums);
    attention(job.operation).store(job, kind == OperationKind::scores, tile_sums);
  }

  void finish() {
    end_pass();
    queue_.wait();
  }

  [[nodiscard]] std::int64_t overflows(int operation) const {
    return linears_.overflows(operation);
  }

  [[nodiscard]] std::vector<OutputComparison> comparisons() const {
    std::vector<OutputComparison> all = comparisons_;
    for (const auto& [scores, attention] : attentions_) {
      all[static_cast<std::size_t>(scores)] = attention->compared_scores();
      all[static_cast<std::size_t>(scores) + 1] = attention->compared_probabilities();
    }
    return all;
  }

  [[nodiscard]] std::vector<ProductStatistics> statistics() const {
    std::vector<ProductStatistics> all(operations_.size());
    parallel_for(
        static_cast<std::int64_t>(operations_.size()), options_.threads, [&](std::int64_t i) {
          all[static_cast<std::size_t>(i)] = statistics(operations_[static_cast<std::size_t>(i)]);
        });
    return all;
  }

  [[nodiscard]] std::optional<MatrixView<const float>> made(const std::string& name) const {
    return made_.named(name);
  }
  [[nodiscard]] const std::vector<std::int64_t>& sums() const { return linears_.sums(0); }
  [[nodiscard]] std::vector<float> outputs() {
    const MatrixView<float> all = made_.output_of(0).room();
    return {all.data(), all.data() + all.size()};
  }

 private:
  [[nodiscard]] const Operation& at(int operation) const {
    return operations_[static_cast<std::size_t>(operation)];
  }

  SharedWeights& weights() {
    if (!options_.weights) options_.weights = std::make_shared<SharedWeights>(source_);
    return *options_.weights;
  }

  template <class Record>
  void record(const Record& record) {
    record();
    if (at_once_) end_pass();
  }

  void end_pass() {
    if (work_.empty()) return;
    PassWork work = std::exchange(work_, {});
    if (at_once_ || options_.threads == 1) {
      compute(work);
    } else {
      queue_.push(std::move(work));
    }
  }

  void compute(const PassWork& work) {
    for (const auto& [operation, product] : work.products) {
      fetch_left(operation);
      linears_.run(operation, product);
    }
    if (!work.attention.empty()) {
      const int context = scores_of(work.attention_operation) + 2;
      const std::int64_t made = attention(work.attention_operation).run(work.attention);
      made_.output_of(context).made += made;
      settle(context);
    }
    for (const auto& [operation, blocks] : work.vectors) vectors_.run(operation, blocks);
    for (const auto& [operation, elements] : work.encoded) encode(operation, elements);
    for (const auto& [operation, product] : work.products) settle(operation);
    for (const auto& [operation, blocks] : work.vectors) settle(operation);
  }

  /// Whether somebody reads the output of an operation after it is compared: a chain, a dump, or
  /// nobody in this run, of which it is the last word.
  [[nodiscard]] bool keeps(const Operation& operation) const {
    const bool passed_on = std::ranges::any_of(operations_, [&](const Operation& reader) {
      return std::ranges::find(reader.inputs, operation.output) != reader.inputs.end();
    });
    return options_.chain || options_.dump.wants(operation.name) || !passed_on;
  }

  /// Compares what of a whole output has not been compared as it was made.
  void settle(int operation) {
    const OperationKind kind = at(operation).kind;
    if (kind == OperationKind::scores || kind == OperationKind::softmax) return;
    MadeTensor& made = made_.output_of(operation);
    if (!made.whole() || made.settled) return;
    made.settled = true;
    if (made.reference) {
      comparisons_[static_cast<std::size_t>(operation)] =
          compare(*made.reference, made.view(), options_.threads, std::move(made.compared()));
    }
    dump(operation);
    if (!made.kept) made.numbers.reset();
    release(operation);
  }

  /// Operands that nobody multiplies any more leave their memory, which is there, to the next ones.
  void release(int operation) {
    if (at(operation).kind == OperationKind::context && at(operation).past == 0)
      attention(operation).release();
    if (at(operation).kind != OperationKind::linear) return;
    const std::string& operand = at(operation).inputs.front();
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      const bool reads =
          operations_[i].kind == OperationKind::linear && operations_[i].inputs.front() == operand;
      if (reads && !made_.output_of(static_cast<int>(i)).settled) return;
    }
    operands_.release(operand);
  }

  /// The tensors of an operation whose output is whole; scores and softmax, which never stand whole
  /// anywhere, with the context they end in.
  void dump(int operation) {
    const Operation& shape = at(operation);
    if (shape.kind == OperationKind::context) {
      for (const int before : {operation - 2, operation - 1}) dump_scores(before);
    }
    if (!options_.dump.wants(shape.name)) return;
    DumpedTensors tensors;
    if (shape.kind == OperationKind::linear) {
      add_operand(tensors, "left", operands_.left(shape).encoded);
      add_operand(tensors, "right", operands_.right(shape).encoded);
      if (const std::vector<std::int64_t>& sums = linears_.sums(operation); !sums.empty())
        tensors.emplace("accumulators", make_tensor(sums, {shape.m, shape.n}));
    } else if (shape.kind == OperationKind::context) {
      add_heads(tensors, "right", attention(operation).inputs().value);
    }
    add_matrix<float>(tensors, "output", made_.output_of(operation).room());
    if (const auto reference = source_->reference(shape.output))
      add_matrix(tensors, "reference", *reference);
    options_.dump.write(shape.name, tensors);
  }

  /// Of scores or softmax: operands and reference.
  void dump_scores(int operation) {
    const Operation& shape = at(operation);
    if (!options_.dump.wants(shape.name)) return;
    DumpedTensors tensors;
    if (shape.kind == OperationKind::scores) {
      add_heads(tensors, "left", attention(operation).inputs().query);
      add_heads(tensors, "right", attention(operation).inputs().key);
    }
    if (const auto reference = source_->reference(shape.output))
      add_matrix(tensors, "reference", *reference);
    options_.dump.write(shape.name, tensors);
  }

  static void add_heads(DumpedTensors& tensors, const std::string& name,
                        const AttentionOperand& operand) {
    for (std::size_t head = 0; head < operand.heads.size(); ++head)
      add_operand(tensors, name + "." + std::to_string(head), operand.heads[head]);
  }

  /// A chain's product reads what the run made, also where that is stored as it is (FP16) and no
  /// razor unit has encoded it.
  void fetch_left(int operation) {
    const std::string& name = at(operation).inputs.front();
    if (!options_.chain || operands_.has(name)) return;
    for (const Operation& maker : operations_) {
      if (maker.output == name) operands_.encode_output(maker, vectors_.numbers(name));
    }
  }

  void encode(int operation, std::int64_t elements) {
    const std::string& output = at(operation).output;
    // Query, K and V are encoded head by head, by the attention that reads them.
    const bool read_whole =
        std::any_of(operations_.begin(), operations_.end(), [&](const Operation& reader) {
          return reader.kind == OperationKind::linear && reader.inputs.front() == output;
        });
    if (!read_whole || operands_.has(output)) return;
    MadeTensor& made = made_.output_of(operation);
    made.encoded += elements;
    // The unit works group by group; all groups of a tensor are encoded here in one go, when the
    // last of them has passed, which changes no bit.
    if (made.encoded < made.size()) return;
    operands_.encode_output(
        at(operation), options_.chain ? std::optional(vectors_.numbers(output)) : std::nullopt);
  }

  [[nodiscard]] ProductStatistics statistics(const Operation& operation) const {
    if (operation.kind != OperationKind::linear) return {};
    const LeftOperand* left = operands_.made_left(operation);
    if (left == nullptr) return {};
    const EncodedMatrix& right = operands_.right(operation).encoded;
    // Planes of a wide operand have statistics of their own, which nobody has taken.
    if (plan(options_.unit, left->encoded.format, right.format).passes() != 1) return {};
    return {true, statistics_of(left->encoded), statistics_of(right)};
  }

  /// The attention that a scores or context operation belongs to, built when it is first asked for.
  AttentionValues& attention(int operation) {
    const int first = scores_of(operation);
    std::unique_ptr<AttentionValues>& values = attentions_[first];
    if (!values) values = std::make_unique<AttentionValues>(attention_inputs(first));
    return *values;
  }
  [[nodiscard]] int scores_of(int operation) const {
    while (at(operation).kind != OperationKind::scores) --operation;
    return operation;
  }

  /// Of the attention whose scores are operation `first`, followed by softmax and context.
  AttentionInputs attention_inputs(int first) {
    AttentionInputs inputs;
    inputs.scores_operation = at(first);
    inputs.context_operation = at(first + 2);
    inputs.unit = options_.unit;
    inputs.threads = options_.threads;
    inputs.output = made_.output_of(first + 2).room();
    const auto tensor = [&](const std::string& name, const FormatSpec& format, ReductionAxis axis,
                            bool is_value = false) {
      return attention_operand(
          *source_, options_.chain ? std::optional(vectors_.numbers(name)) : std::nullopt, name,
          format, axis, {options_.sequences, at(first).k, is_value}, options_.threads);
    };
    const ProductFormats qk = formats_of(at(first), scheme_);
    const ProductFormats pv = formats_of(at(first + 2), scheme_);
    const bool value_by_tokens = scheme_.value_axis == ValueAxis::tokens && pv.right.name == "sdr";
    inputs.probability = pv.left;
    inputs.query = tensor(at(first).inputs[0], qk.left, ReductionAxis::features);
    inputs.key = tensor(at(first).inputs[1], qk.right, ReductionAxis::features);
    inputs.value = tensor(at(first + 2).inputs[1], pv.right,
                          value_by_tokens ? ReductionAxis::tokens : ReductionAxis::features, true);
    inputs.reference_scores = source_->reference(at(first).output);
    inputs.reference_probabilities = source_->reference(at(first + 1).output);
    inputs.isolated = !options_.chain;
    return inputs;
  }

  std::shared_ptr<const TensorSource> source_;
  std::vector<Operation> operations_;
  Scheme scheme_;
  ValueOptions options_;
  ProductOperands operands_;
  MadeTensors made_;
  std::vector<OutputComparison> comparisons_;
  LinearValues linears_;
  VectorValues vectors_;
  std::map<int, std::unique_ptr<AttentionValues>> attentions_;
  PassWork work_;  // of the pass under way
  bool at_once_ = false;
  PassQueue queue_;  // last: its thread uses all the others
};

RunValues::RunValues(std::shared_ptr<const TensorSource> source, NetworkSpec network,
                     std::vector<Operation> operations, Scheme scheme, ValueOptions options)
    : self_(std::make_unique<Implementation>(std::move(source), std::move(network),
                                             std::move(operations), std::move(scheme),
                                             std::move(options))) {}
RunValues::~RunValues() = default;

void RunValues::multiply(const Job& job) { self_->multiply(job); }
TileValues RunValues::tile_values(const Job& job) { return self_->tile_values(job); }
void RunValues::store(const Job& job, const std::vector<std::int64_t>& sums) {
  self_->store(job, sums);
}
void RunValues::vector(const Job& job) { self_->vector(job); }
void RunValues::razor(const Job& job) { self_->razor(job); }
void RunValues::finish() { self_->finish(); }
std::int64_t RunValues::overflows(int operation) const { return self_->overflows(operation); }
std::vector<OutputComparison> RunValues::comparisons() const { return self_->comparisons(); }
std::vector<ProductStatistics> RunValues::statistics() const { return self_->statistics(); }
std::optional<MatrixView<const float>> RunValues::made(const std::string& name) const {
  return self_->made(name);
}
const std::vector<std::int64_t>& RunValues::sums() const { return self_->sums(); }
std::vector<float> RunValues::outputs() const { return self_->outputs(); }

}  // namespace razorsim
