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

/// One forward pass through the network: the whole prompt, or one new token a sequence.
struct ForwardPass {
  Phase phase = Phase::prefill;  ///< prefill or decode
  std::int64_t tokens = 1;       ///< new tokens a sequence
  std::int64_t past = 0;         ///< tokens cached before them

  bool operator==(const ForwardPass&) const = default;
};

/// The forward passes a workload takes, in order; never none.
[[nodiscard]] std::vector<ForwardPass> forward_passes(const WorkloadSpec& workload);

/// The operations of one of them, in order of execution. Per layer: input_norm q_proj rope_q k_proj
/// rope_k v_proj scores softmax context o_proj attn_residual post_norm gate_proj up_proj silu_gate
/// down_proj mlp_residual; then final_norm and head when the layers cover the network or `head`
/// asks, on the last token a sequence.
///
/// Names: "layers.3.q_proj", its weight "layers.3.q_proj.weight", its output always the name plus
/// ".output". The first layer reads "layers.<first>.input", a later one the mlp_residual output
/// before it. Rows are ordered by sequence, then token. With `past` cached tokens the right operand
/// of scores and context is the cache followed by the named tensor. The scale 1/sqrt(head_dim)
/// belongs to softmax. Throws ConfigError (paths "network.*" and "workload.*").
[[nodiscard]] std::vector<Operation> llama_operations(const NetworkSpec& network,
                                                      const WorkloadSpec& workload,
                                                      const ForwardPass& pass);
/// What comes before them in a run of a network from its first layer to its head: the rows of the
/// FP32 table "embedding.weight" that the new tokens name, as "layers.0.input". Nothing where the
/// workload leaves layers out.
[[nodiscard]] std::vector<Operation> embedding_operations(const NetworkSpec& network,
                                                          const WorkloadSpec& workload,
                                                          const ForwardPass& pass);
/// Those of the first.
[[nodiscard]] std::vector<Operation> llama_operations(const NetworkSpec& network,
                                                      const WorkloadSpec& workload);

}  // namespace razorsim
