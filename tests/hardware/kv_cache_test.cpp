// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/kv_cache.h"

#include <string>

#include <gtest/gtest.h>

#include "models/base/errors.h"

namespace razorsim {
namespace {

/// Two layers of attention: `tokens` new ones after `past`, 4 query heads on 2 of K and V, 16 wide.
std::vector<Operation> attention(std::int64_t tokens, std::int64_t past) {
  std::vector<Operation> all;
  for (int layer = 0; layer < 2; ++layer) {
    const std::string name = "layers." + std::to_string(layer) + '.';
    const auto append = [&](const char* own, OperationKind kind, std::vector<std::string> inputs) {
      Operation operation;
      operation.name = name + own;
      operation.kind = kind;
      operation.layer = layer;
      operation.inputs = std::move(inputs);
      operation.output = operation.name + ".output";
      operation.m = tokens;
      operation.heads = operation.kv_heads = 1;
      operation.n = operation.k = 32;
      all.push_back(operation);
    };
    append("k_proj", OperationKind::linear, {"x"});
    append("rope_k", OperationKind::rope, {name + "k_proj.output"});
    append("v_proj", OperationKind::linear, {"x"});
    append("scores", OperationKind::scores, {"q", name + "rope_k.output"});
    append("softmax", OperationKind::softmax, {name + "scores.output"});
    append("context", OperationKind::context, {name + "softmax.output", name + "v_proj.output"});
    for (std::size_t i = all.size() - 3; i < all.size(); ++i) {
      all[i].heads = 4;
      all[i].kv_heads = 2;
      all[i].past = past;
    }
    all[all.size() - 3].k = 16;
    all[all.size() - 3].n = all[all.size() - 2].n = past + tokens;
    all[all.size() - 1].k = past + tokens;
    all[all.size() - 1].n = 16;
  }
  return all;
}

TEST(KvCache, TakesWhatAttentionReads) {
  const std::vector<bool> cached = cached_outputs(attention(3, 0));
  const std::vector<bool> a_layer = {false, true, true, false, false, false};
  for (std::size_t i = 0; i < cached.size(); ++i) EXPECT_EQ(cached[i], a_layer[i % 6]) << i;
}

TEST(KvCache, EightBitsOfEachElement) {
  const Scheme scheme = scheme_from_name("W8A8");
  // 2 layers, K and V, 40 tokens of 2 heads of 16 elements, a byte each
  EXPECT_EQ(kv_cache_bytes(attention(40, 0), scheme), Bytes(2 * 2 * 40 * 32));
  EXPECT_EQ(kv_cache_bytes(attention(1, 39), scheme), Bytes(2 * 2 * 40 * 32));
}

TEST(KvCache, RazoredGroupsAndTheLastAtItsBase) {
  const Scheme scheme = scheme_from_name("sdr4");
  ASSERT_EQ(scheme.value.group, 16);
  // A token of K: 32 codes of 4 bits and 2 flags of 4. A group of V: 32 columns of 16 codes and a
  // flag. The base is a byte an element.
  const std::int64_t key = 32 / 2 + 2 / 2;
  const std::int64_t group = 32 * 16 / 2 + 32 / 2;
  const auto held = [&](std::int64_t tokens) {
    return 2 * (tokens * key + tokens / 16 * group + tokens % 16 * 32);
  };
  EXPECT_EQ(kv_cache_bytes(attention(1, 32), scheme).count(), held(33));
  EXPECT_EQ(kv_cache_bytes(attention(1, 45), scheme).count(), held(46));
  // The step that completes a group razors it from its base, in one layer at a time.
  EXPECT_EQ(kv_cache_bytes(attention(1, 47), scheme).count(), held(48) + 16 * 32);
  // A prompt's rows read V at its base, each its own group.
  EXPECT_EQ(kv_cache_bytes(attention(40, 0), scheme).count(), held(40) + 32 * 32);
}

TEST(KvCache, TooSmallIsRefusedWithTheSizeItNeeds) {
  const Scheme scheme = scheme_from_name("W8A8");
  const std::vector<Operation> operations = attention(40, 0);  // 5120 B
  KvCacheSpec cache;
  cache.size_kib = 4;
  EXPECT_NO_THROW(require_room(cache, operations, scheme)) << "in DRAM there is room";
  cache.place = CachePlace::on_chip;
  try {
    require_room(cache, operations, scheme);
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_EQ(error.problems().front().path, "kv_cache.size_kib");
    EXPECT_EQ(error.problems().front().message,
              "is 4; allowed: at least 5, which K and V need, or kv_cache.place = dram");
  }
  cache.size_kib = 5;
  EXPECT_NO_THROW(require_room(cache, operations, scheme));
}

}  // namespace
}  // namespace razorsim
