// SPDX-License-Identifier: Apache-2.0
// The products of a layer, each shown to an observer as it is made.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include "traces/llama/forward.h"

namespace razorsim {

/// What is observed, in the order of the calls.
inline constexpr std::array<std::string_view, 8> observed_operations{
    "q_proj", "k_proj", "v_proj", "context", "o_proj", "gate_proj", "up_proj", "down_proj"};

/// A linear operation as it is called.
struct LinearCall {
  std::int64_t layer = 0;
  Projection projection = Projection::q;
  MatrixView<const float> a;
  MatrixView<const float> weight;
};

class ObservedProducts : public Products {
 public:
  /// Called once an operation of each layer; `call` is null for attention.
  using Observer = std::function<void(std::size_t operation, MatrixView<const float> output,
                                      const LinearCall* call)>;

  ObservedProducts(std::unique_ptr<Products> products, Observer observer)
      : Products(products->threads()),
        products_(std::move(products)),
        observer_(std::move(observer)) {}

  void begin_layer(std::int64_t layer, const LayerWeights& weights) override {
    next_ = 0;
    products_->begin_layer(layer, weights);
  }
  void linear(std::int64_t layer, Projection projection, MatrixView<const float> a,
              MatrixView<const float> weight, MatrixView<float> out) override {
    if (projection == Projection::o) observer_(next_++, a, nullptr);  // all of attention's output
    products_->linear(layer, projection, a, weight, out);
    const LinearCall call{layer, projection, a, weight};
    observer_(next_++, out, &call);
  }
  void attention(std::int64_t layer, const NetworkSpec& network, const AttentionOperands& operands,
                 MatrixView<float> out, const Tap& tap) override {
    products_->attention(layer, network, operands, out, tap);
  }

 private:
  std::unique_ptr<Products> products_;
  Observer observer_;
  std::size_t next_ = 0;
};

}  // namespace razorsim
