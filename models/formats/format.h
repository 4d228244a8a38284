// SPDX-License-Identifier: Apache-2.0
// Number formats as values: encode, decode, sizes and limits of any format of formats.def.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "models/base/errors.h"
#include "models/base/scheme.h"
#include "models/base/tensor_view.h"
#include "models/base/units.h"
#include "models/formats/encoded_matrix.h"
#include "models/formats/number_format.h"
#include "models/formats/scales.h"

namespace razorsim {

/// Name and one-line meaning of each format, in the order of formats.def.
struct FormatName {
  std::string_view name;
  std::string_view meaning;
};
[[nodiscard]] const std::vector<FormatName>& format_names();

/// The format called `name`. Throws ConfigError naming the nearest one.
[[nodiscard]] const NumberFormat& format_named(std::string_view name);

/// Everything wrong with a FormatSpec beyond the ranges of its fields: an unknown name, settings
/// that exclude each other, settings that have no effect. `path` leads to it, e.g.
/// "scheme.weights".
[[nodiscard]] std::vector<Problem> problems_of(const FormatSpec& spec, std::string_view path);

/// The usual settings of the format called `name`: the first of its variants.
[[nodiscard]] FormatSpec default_spec(std::string_view name);

[[nodiscard]] FormatTraits traits_of(const FormatSpec& spec);
[[nodiscard]] inline bool is_integer_format(const FormatSpec& spec) {
  return traits_of(spec).is_integer;
}
[[nodiscard]] inline Bits element_bits(const FormatSpec& spec) {
  return traits_of(spec).element_bits;
}
[[nodiscard]] inline Bits group_bits(const FormatSpec& spec) { return traits_of(spec).group_bits; }

/// A code's bits as memory holds them, in the low `element_bits`: sign and magnitude for SDR, two's
/// complement for INT and for SDR with overflow "saturate", floating formats' own.
[[nodiscard]] std::uint16_t stored_bits(const FormatTraits& traits, std::int16_t code);

/// All codes an element may carry, ascending (floating formats: bit patterns, NaN and infinity left
/// out; fp32 has none, its elements are the numbers themselves).
[[nodiscard]] std::vector<std::int16_t> all_codes(const FormatSpec& spec);

/// Storage of a matrix by purpose; nothing is padded. `groups` are flags and shared group scales,
/// `scales` the real scales of a tensor or its rows.
struct Storage {
  Bits codes;
  Bits groups;
  Bits scales;

  [[nodiscard]] Bits total() const { return codes + groups + scales; }
  bool operator==(const Storage&) const = default;
};
[[nodiscard]] Storage storage_of(const FormatSpec& spec, std::int64_t rows, std::int64_t cols);

/// Bits an element of a row of `cols` takes, its share of the ceil(cols/g) group fields included
/// and real scales of tensor or row left out: 4.25 for SDR at g = 16.
[[nodiscard]] double effective_bits(const FormatSpec& spec, std::int64_t cols);

/// Encodes real numbers. `source` holds the scales (static) or nothing (weights, dynamic). A static
/// scale in place of one a row is legal. Throws TraceError on NaN or infinity.
[[nodiscard]] EncodedMatrix encode(const FormatSpec& spec, MatrixView<const float> numbers,
                                   const ScaleSource& source = {});

/// Stage 1 alone: the base integers and scales from which encode_integers makes the same matrix.
[[nodiscard]] BaseIntegers base_integers(const FormatSpec& spec, MatrixView<const float> numbers,
                                         const ScaleSource& source = {});

/// Stage 2 alone, normative for traces: razors base integers (SDR) or takes them as they are (int4,
/// int8, int16). Throws TraceError for an integer outside the base, such as -2^(b-1).
[[nodiscard]] EncodedMatrix encode_integers(const FormatSpec& spec,
                                            MatrixView<const std::int16_t> base,
                                            std::vector<float> scales);

/// Real numbers of an encoded matrix: value * scale in FP32; `out` has its shape.
void decode(const EncodedMatrix& encoded, MatrixView<float> out);
[[nodiscard]] std::vector<float> decode(const EncodedMatrix& encoded);

}  // namespace razorsim
