// SPDX-License-Identifier: Apache-2.0
// g++ 12 sees the other alternatives of a moved std::variant as uninitialised.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include "models/hardware/schedule.h"

#include <algorithm>
#include <numeric>

#include "models/base/errors.h"
#include "models/formats/format.h"
#include "models/hardware/array_unit.h"
#include "models/hardware/fold_layout.h"
#include "models/hardware/memory_layout.h"
#include "models/hardware/tile_cost.h"
#include "models/operators/operation_count.h"

namespace razorsim {
namespace {

bool is_dynamic(const FormatSpec& format) {
  return format.name != "fp32" && format.name != "fp16" &&
         format.calibration == Calibration::on_the_fly;
}

/// The scale of a whole row must be known before its first element is encoded.
bool needs_whole_rows(const FormatSpec& format) {
  return is_dynamic(format) && format.granularity != ScaleGranularity::group &&
         !traits_of(format).has_groups;
}

class Planner {
 public:
  Planner(const std::vector<Operation>& operations, const Scheme& scheme, const ArraySpec& array,
          const MachineShape& shape, const std::vector<GivenMapping>& given)
      : operations_(operations), scheme_(scheme), array_(array), shape_(shape), given_(given) {}

  Schedule plan() {
    schedule_.unit = choose_unit(array_.unit, operations_, scheme_);
    schedule_.operations.resize(operations_.size());
    int layer = -2;
    for (const Pass& pass : passes_of(operations_)) {
      index_ = static_cast<int>(schedule_.passes.size());
      if (at(pass.operations.front()).layer != layer) layout_.begin_layer();
      layer = at(pass.operations.front()).layer;
      schedule_.passes.push_back({pass, {}});
      for (const int operation : pass.operations) result(operation).pass = index_;
      switch (pass.kind) {
        case PassKind::product: product(pass); break;
        case PassKind::attention: attention(pass); break;
        case PassKind::vector: vector(pass); break;
      }
    }
    return std::move(schedule_);
  }

 private:
  [[nodiscard]] const Operation& at(int index) const {
    return operations_[static_cast<std::size_t>(index)];
  }
  ScheduledOperation& result(int index) {
    return schedule_.operations[static_cast<std::size_t>(index)];
  }

  void product(const Pass& pass) {
    ProductPlan plan;
    plan.pass = index_;
    std::vector<int> epilogue;
    for (const int index : pass.operations)
      (at(index).is_product() ? plan.operations : epilogue).push_back(index);
    const Operation& first = at(plan.operations.front());
    const int last = pass.operations.back();
    if (!epilogue.empty()) plan.vector_operation = last;
    const ProductFormats formats = formats_of(first, scheme_);
    const FormatSpec right = first.kind == OperationKind::context
                                 ? context_right(formats.right, scheme_.value_axis)
                                 : formats.right;
    const UnitPlan unit = plan_on(array_, schedule_.unit, formats.left, right);

    plan.heads = first.heads;
    plan.heads_per_right = first.heads / first.kv_heads;
    plan.output = output_of(last);
    plan.output.first_steps = rescale_count.element.total();
    for (const int index : epilogue) {
      plan.output.last_steps += operation_count(at(index).kind).element.total();
      if (at(index).kind == OperationKind::add) plan.output.aux += Bytes(4);
    }
    plan.output.last_steps += encoding_steps(plan.output);

    ProductShape& shape = plan.shape;
    shape.m = first.m;
    shape.n = first.n;
    shape.k = first.k;
    shape.products = static_cast<std::int64_t>(plan.operations.size());
    shape.left = formats.left;
    shape.right = right;
    shape.k_unit = k_unit(formats.left, right, unit);
    shape.k_step = shape.k_unit * std::max<std::int64_t>(1, 64 / shape.k_unit);
    // Heads stay whole for rotary embedding; groups of the output stay whole for the razor unit.
    const bool rotates = std::any_of(epilogue.begin(), epilogue.end(),
                                     [&](int i) { return at(i).kind == OperationKind::rope; });
    shape.n_step = rotates ? std::lcm<std::int64_t>(at(last).n, group_along_columns(plan.output))
                           : group_along_columns(plan.output);
    shape.m_step = plan.output.along_rows ? plan.output.format.group : 1;
    shape.accumulator = Bytes(ceil_div(schedule_.unit.accumulator_bits, 8));
    shape.aux = plan.output.aux;
    shape.output =
        static_cast<double>(panel_bytes(plan.output.format, 1024, 1024, true).total().count()) /
            (1024.0 * 1024.0) +
        (plan.output.keeps_base ? plan.output.format.base_bits / 8.0 : 0.0);
    shape.vector_steps =
        static_cast<double>(plan.output.first_steps * shape.products + plan.output.last_steps);
    shape.whole_rows = plan.output.whole_rows;
    if (array_.dataflow != Dataflow::output_stationary)
      shape.k_fold = FoldLayout(unit, array_.rows).depth();
    shape.tile_cycles = [unit, array = array_](std::int64_t m, std::int64_t n, std::int64_t k) {
      const TileTime time = tile_time(array, unit, m, n, k);
      return time.beats + std::max<std::int64_t>(0, time.preload - time.last_fold);
    };
    plan.cost = tile_cost(array_, shape_, {unit, formats.left, right});
    std::vector<std::string> names;
    for (const int index : plan.operations) names.push_back(at(index).name);
    const GivenMapping* given = given_for(given_, names);
    plan.mapping = map_product(shape, shape_, given);
    if (plan.output.whole_rows && plan.mapping.tile_m == 0) spill(plan, given);

    plan.left_address = address(first.inputs.front(), formats.left, first.heads * first.m, first.k);
    for (const int index : plan.operations) {
      plan.right_addresses.push_back(
          address(right_name(at(index)), right, first.kv_heads * first.n, first.k));
    }
    plan.aux_address = address(at(last).inputs.front(), FormatSpec{}, first.m, first.n);
    const FormatSpec stored = plan.output.format;
    plan.output_address = address(at(last).output, stored, first.heads * first.m, first.n);
    for (const int index : plan.operations)
      describe(index, unit, formats.left, right, plan.mapping);
    for (const int index : pass.operations) result(index).output = stored;
    schedule_.passes.back().programs.insert(schedule_.passes.back().programs.begin(),
                                            std::move(plan));
  }

  /// Rows too wide for the staging buffer leave as FP16 and come back for their scale.
  void spill(ProductPlan& plan, const GivenMapping* given) {
    VectorPlan again;
    again.pass = index_;
    again.operation = plan.vector_operation >= 0 ? plan.vector_operation : plan.operations.back();
    again.rows = plan.heads * plan.shape.m;
    again.cols = plan.shape.n;
    again.element_in = Bytes(2);
    again.output = plan.output;
    again.output.aux = Bytes(0);
    again.steps_per_element = encoding_steps(plan.output);
    again.input_address =
        address(at(again.operation).output + ".fp16", fp16(), again.rows, again.cols);
    again.output_address =
        address(at(again.operation).output, again.output.format, again.rows, again.cols);
    choose_blocks(again, shape_);
    schedule_.passes.back().programs.emplace_back(std::move(again));

    plan.output.last_steps -= encoding_steps(plan.output);
    plan.output.format = fp16();
    plan.output.encoded = false;
    plan.output.whole_rows = false;
    plan.output.sweeps = 1;
    plan.shape.whole_rows = false;
    plan.shape.output = 2;
    plan.mapping = map_product(plan.shape, shape_, given);
  }

  void attention(const Pass& pass) {
    AttentionPlan plan;
    plan.pass = index_;
    plan.scores = pass.operations[0];
    plan.softmax = pass.operations[1];
    plan.context = pass.operations[2];
    const Operation& scores = at(plan.scores);
    const Operation& context = at(plan.context);
    const ProductFormats left = formats_of(scores, scheme_);
    const ProductFormats right = formats_of(context, scheme_);
    if (scheme_.key_position == KeyPosition::before_rope) {
      throw ConfigError("scheme.key_position",
                        "is 'before_rope', which a run does not model; allowed: after_rope");
    }
    plan.kv_heads = scores.kv_heads;
    plan.group_heads = scores.heads / scores.kv_heads;
    plan.tokens = scores.m;
    plan.past = scores.past;
    plan.head_dim = scores.k;
    plan.query = left.left;
    plan.key = left.right;
    plan.probability = right.left;
    plan.value = right.right;
    plan.value_along_tokens = plan.value.name == "sdr" && scheme_.value_axis == ValueAxis::tokens;
    plan.causal_skip = array_.causal_skip;
    plan.accumulator = Bytes(ceil_div(schedule_.unit.accumulator_bits, 8));
    plan.score_steps = rescale_count.element.total();
    plan.softmax_steps = softmax_count.element.total() + quantise_steps(plan.probability);
    plan.context_steps = rescale_count.element.total();
    plan.probability_sweeps = is_dynamic(plan.probability) ? 2 : 1;
    plan.output = output_of(plan.context);
    plan.context_steps += encoding_steps(plan.output);
    // Heads come one after the other, so a token's row is never whole: its scale would need a
    // detour of all heads. The razor unit keeps their maxima instead and the rows leave and come
    // back as FP16.
    const bool detour = plan.output.whole_rows;
    if (detour) {
      VectorPlan again;
      again.pass = index_;
      again.operation = plan.context;
      again.rows = context.m * context.kv_heads / network_kv(context);
      again.cols = context.heads * context.n / (again.rows / context.m);
      again.element_in = Bytes(2);
      again.output = plan.output;
      again.steps_per_element = encoding_steps(plan.output);
      again.input_address = address(context.output + ".fp16", fp16(), again.rows, again.cols);
      again.output_address = address(context.output, again.output.format, again.rows, again.cols);
      choose_blocks(again, shape_);
      schedule_.passes.back().programs.emplace_back(std::move(again));
      plan.context_steps -= encoding_steps(plan.output);
      plan.output.format = fp16();
      plan.output.encoded = false;
      plan.output.whole_rows = false;
      plan.output.sweeps = 1;
    }
    const FormatSpec multiplied = context_right(plan.value, scheme_.value_axis);
    const UnitPlan scores_unit = plan_on(array_, schedule_.unit, plan.query, plan.key);
    const UnitPlan context_unit = plan_on(array_, schedule_.unit, plan.probability, multiplied);
    plan.scores_cost = tile_cost(array_, shape_, {scores_unit, plan.query, plan.key});
    plan.slab_step = context_unit.floating ? context_unit.group : 1;
    // Only V that is razored along tokens has a window at its base.
    const FormatSpec window = plan.value_along_tokens ? base_of(plan.value) : multiplied;
    const UnitPlan wide_unit = plan_on(array_, schedule_.unit, plan.probability, window);
    plan.context_cost = tile_cost(array_, shape_, {context_unit, plan.probability, plan.value},
                                  {wide_unit, plan.probability, window});
    choose_blocks(plan, shape_, given_for(given_, {scores.name}));
    const std::int64_t columns = plan.columns();
    plan.query_address = address(scores.inputs[0], plan.query, scores.heads * scores.m, scores.k);
    plan.key_address = address(scores.inputs[1], plan.key, scores.kv_heads * columns, scores.k);
    plan.value_address =
        address(context.inputs[1], plan.value, scores.kv_heads * columns, scores.k);
    plan.base_address = address(context.inputs[1] + ".base", base_of(plan.value),
                                scores.kv_heads * columns, scores.k);
    plan.output_address = address(context.output, FormatSpec{}, scores.heads * scores.m, scores.k);

    ProductMapping tiles{plan.block_tokens * plan.block_heads,
                         plan.slab,
                         plan.head_dim,
                         LoopOrder::mnk,
                         plan.cache_resident,
                         0,
                         0};
    describe(plan.scores, scores_unit, plan.query, plan.key, tiles);
    std::swap(tiles.tile_n, tiles.tile_k);
    describe(plan.context, context_unit, plan.probability, multiplied, tiles);
    result(plan.context).wide_right = base_of(plan.value);
    result(plan.scores).output_on_chip = true;
    result(plan.softmax).output_on_chip = true;
    result(plan.softmax).output = plan.probability;
    result(plan.context).output = plan.output.format;
    schedule_.passes.back().programs.insert(schedule_.passes.back().programs.begin(),
                                            std::move(plan));
  }

  void vector(const Pass& pass) {
    const int index = pass.operations.front();
    const Operation& operation = at(index);
    VectorPlan plan;
    plan.pass = index_;
    plan.operation = index;
    plan.rows = operation.heads * operation.m;
    plan.cols = operation.n;
    plan.element_in =
        Bytes(4 * static_cast<std::int64_t>(std::max<std::size_t>(1, operation.inputs.size())));
    if (!operation.weight.empty()) plan.row_weights = Bytes(4 * operation.n);
    const OperationCount count = operation_count(operation.kind);
    plan.output = output_of(index);
    plan.steps_per_element = count.element.total() + encoding_steps(plan.output);
    plan.steps_per_row = count.row.total();
    plan.input_address =
        address(operation.inputs.empty() ? operation.name : operation.inputs.front(), FormatSpec{},
                plan.rows, plan.cols);
    plan.output_address = address(operation.output, plan.output.format, plan.rows, plan.cols);
    plan.output.whole_rows = false;  // its rows are whole already
    choose_blocks(plan, shape_);
    result(index).output = plan.output.format;
    schedule_.passes.back().programs.emplace_back(std::move(plan));
  }

  /// How the output of operation `index` is stored, from who reads it.
  [[nodiscard]] OutputPlan output_of(int index) const {
    OutputPlan plan;
    const Operation& operation = at(index);
    plan.format = stored_format(operation.output, operations_, scheme_);
    plan.encoded = plan.format.name != "fp32" && plan.format.name != "fp16";
    plan.sweeps = plan.encoded && is_dynamic(plan.format) ? 2 : 1;
    plan.whole_rows = plan.encoded && needs_whole_rows(plan.format);
    for (const Operation& reader : operations_) {
      if (reader.kind == OperationKind::context && reader.inputs.size() > 1 &&
          reader.inputs[1] == operation.output && plan.format.name == "sdr" &&
          scheme_.value_axis == ValueAxis::tokens) {
        plan.along_rows = true;
        plan.keeps_base = true;
        plan.past = reader.past;
      }
    }
    return plan;
  }

  [[nodiscard]] static std::int64_t quantise_steps(const FormatSpec& format) {
    return quantise_count.element.total() +
           (is_dynamic(format) ? maximum_count.element.total() : 0);
  }
  [[nodiscard]] static std::int64_t encoding_steps(const OutputPlan& output) {
    return output.encoded ? quantise_steps(output.format) : 0;
  }
  [[nodiscard]] static std::int64_t group_along_columns(const OutputPlan& output) {
    return output.encoded && !output.along_rows && traits_of(output.format).has_groups
               ? output.format.group
               : 1;
  }
  [[nodiscard]] static std::int64_t k_unit(const FormatSpec& left, const FormatSpec& right,
                                           const UnitPlan& unit) {
    std::int64_t step = std::lcm<std::int64_t>(unit.products_per_beat, unit.group);
    for (const FormatSpec& format : {left, right}) {
      if (traits_of(format).has_groups) step = std::lcm<std::int64_t>(step, format.group);
    }
    return step;
  }
  [[nodiscard]] static std::string right_name(const Operation& operation) {
    return operation.weight.empty() ? operation.inputs.back() : operation.weight;
  }
  [[nodiscard]] static FormatSpec fp16() {
    FormatSpec format;
    format.name = "fp16";
    return format;
  }
  /// K and V heads of one sequence: batch multiplies the heads of an attention operation.
  [[nodiscard]] std::int64_t network_kv(const Operation& context) const {
    for (const Operation& reader : operations_) {
      if (!reader.inputs.empty() && reader.inputs.front() == context.output &&
          reader.kind == OperationKind::linear) {
        const std::int64_t batch = reader.m / context.m;
        return context.kv_heads / std::max<std::int64_t>(1, batch);
      }
    }
    return context.kv_heads;
  }

  void describe(int index, const UnitPlan& unit, const FormatSpec& left, const FormatSpec& right,
                const ProductMapping& mapping) {
    ScheduledOperation& operation = result(index);
    operation.unit = schedule_.unit.unit;
    operation.plan = unit;
    operation.left = left;
    operation.right = right;
    operation.mapping = mapping;
  }

  std::int64_t address(const std::string& tensor, const FormatSpec& format, std::int64_t rows,
                       std::int64_t cols) {
    return layout_.address(tensor, panel_bytes(format, rows, cols, true).padded());
  }

  const std::vector<Operation>& operations_;
  const Scheme& scheme_;
  const ArraySpec& array_;
  const MachineShape& shape_;
  const std::vector<GivenMapping>& given_;
  Schedule schedule_;
  int index_ = 0;
  MemoryLayout layout_;
};

}  // namespace

Schedule make_schedule(const std::vector<Operation>& operations, const Scheme& scheme,
                       const ArraySpec& array, const MachineShape& shape,
                       const std::vector<GivenMapping>& given) {
  return Planner(operations, scheme, array, shape, given).plan();
}

}  // namespace razorsim
