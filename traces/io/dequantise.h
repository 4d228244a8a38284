// SPDX-License-Identifier: Apache-2.0
// Weight encodings of checkpoints, decoded to FP32 a row at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "models/base/fields.h"

namespace razorsim {

enum class Encoding { f32, f16, bf16, q4_0, q4_1, q5_0, q5_1, q8_0, q4_k, q6_k };
template <>
inline constexpr auto enum_names<Encoding> = std::to_array<EnumName<Encoding>>({
    {Encoding::f32, "F32", "IEEE single"},
    {Encoding::f16, "F16", "IEEE half"},
    {Encoding::bf16, "BF16", "bfloat16"},
    {Encoding::q4_0, "Q4_0", "4 bits, a scale per 32"},
    {Encoding::q4_1, "Q4_1", "4 bits, a scale and a minimum per 32"},
    {Encoding::q5_0, "Q5_0", "5 bits, a scale per 32"},
    {Encoding::q5_1, "Q5_1", "5 bits, a scale and a minimum per 32"},
    {Encoding::q8_0, "Q8_0", "8 bits, a scale per 32"},
    {Encoding::q4_k, "Q4_K", "4 bits, 6-bit scales and minima per 32 under FP16 ones per 256"},
    {Encoding::q6_k, "Q6_K", "6 bits, 8-bit scales per 16 under an FP16 one per 256"},
});

/// A row is a whole number of blocks of `elements` elements in `bytes` bytes.
/// Source: ggml, ggml-common.h (block_q4_0 and its like).
struct BlockLayout {
  std::int64_t elements;
  std::int64_t bytes;
};
[[nodiscard]] BlockLayout block_of(Encoding encoding);

/// Bytes of a row of `cols` elements. Throws TraceError when the blocks do not fill it.
[[nodiscard]] std::int64_t row_bytes(Encoding encoding, std::int64_t cols);

/// The encoding called `name`. Throws TraceError naming it when there is none.
[[nodiscard]] Encoding encoding_named(std::string_view name);

/// Decodes one row: `encoded` has row_bytes(encoding, row.size()) bytes, aligned or not. Each
/// element is computed in FP32 in the order of operations of ggml's reference code.
void dequantise_row(Encoding encoding, std::span<const std::byte> encoded, std::span<float> row);

/// Decodes rows back to back. Throws TraceError when `bytes` is not rows x row_bytes(encoding,
/// cols).
[[nodiscard]] std::vector<float> dequantise(Encoding encoding, std::span<const std::byte> bytes,
                                            std::int64_t rows, std::int64_t cols);

}  // namespace razorsim
