// SPDX-License-Identifier: Apache-2.0
// The operations of LLaMA inference, from a network's shape and what is asked of it.
#pragma once

#include <cstdint>
#include <vector>

#include "models/base/fields.h"
#include "models/base/operation.h"

namespace razorsim {

enum class Phase { prefill, decode, generate };
template <>
inline constexpr auto enum_names<Phase> = std::to_array<EnumName<Phase>>({
    {Phase::prefill, "prefill", "all tokens of the prompt at once"},
    {Phase::decode, "decode", "one new token a sequence, with `context` tokens cached before it"},
    {Phase::generate, "generate",
     "prefill, which makes the first token, then a decode step for each further one"},
});

/// What is asked of a network.
struct WorkloadSpec {
  Phase phase = Phase::prefill;
  std::int64_t prompt = 128;
  std::int64_t context = 128;
  std::int64_t generate = 1;
  std::int64_t batch = 1;
  std::int64_t first_layer = 0;
  std::int64_t last_layer = -1;
  bool head = false;

  bool operator==(const WorkloadSpec&) const = default;
};
template <>
inline constexpr auto fields<WorkloadSpec> = field_table<WorkloadSpec>(
    field("phase", &WorkloadSpec::phase, "", any_value, "part of inference"),
    field("prompt", &WorkloadSpec::prompt, "tokens", between(1, 1 << 20),
          "tokens a sequence in prefill and generate"),
    field("context", &WorkloadSpec::context, "tokens", between(0, 1 << 20),
          "tokens already cached a sequence in decode"),
    field("generate", &WorkloadSpec::generate, "tokens", between(1, 1 << 20),
          "tokens made a sequence in generate, the first by the prefill"),
    field("batch", &WorkloadSpec::batch, "sequences", between(1, 1 << 16), "sequences at once"),
    field("first_layer", &WorkloadSpec::first_layer, "", non_negative, "first decoder layer"),
    field("last_layer", &WorkloadSpec::last_layer, "", at_least(-1),
          "last decoder layer, -1 for the network's last"),
    field("head", &WorkloadSpec::head, "", any_value,
          "final norm and head too where the layers do not cover the network"));

/// The operations in order of execution. Per layer: input_norm q_proj rope_q k_proj rope_k v_proj
/// scores softmax context o_proj attn_residual post_norm gate_proj up_proj silu_gate down_proj
/// mlp_residual; then final_norm and head when the layers cover the network or `head` asks, on the
/// last token a sequence.
///
/// Names: "layers.3.q_proj", its weight "layers.3.q_proj.weight", its output always the name plus
/// ".output". The first layer reads "layers.<first>.input", a later one the mlp_residual output
/// before it. In generate, decode step t >= 1 puts "step.<t>." before names and edges, not weights.
/// Rows are ordered by sequence, then token. With `past` cached tokens the right operand of scores
/// and context is the cache followed by the named tensor. The scale 1/sqrt(head_dim) belongs to
/// softmax. Throws ConfigError (paths "network.*" and "workload.*").
[[nodiscard]] std::vector<Operation> llama_operations(const NetworkSpec& network,
                                                      const WorkloadSpec& workload);

/// One step by hand: `tokens` new tokens a sequence after `past` cached ones, layers first..last.
[[nodiscard]] std::vector<Operation> llama_step(const NetworkSpec& network, std::int64_t tokens,
                                                std::int64_t past, std::int64_t batch,
                                                std::int64_t first_layer, std::int64_t last_layer,
                                                bool head);

}  // namespace razorsim
