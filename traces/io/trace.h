// SPDX-License-Identifier: Apache-2.0
// The trace: the operations of a workload and, unless it is shape-only, their tensors. On disk it
// is an uncompressed safetensors file in which a hash covers every byte; see docs/trace-format.md.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/fields.h"
#include "models/base/operation.h"
#include "models/base/scheme.h"
#include "models/formats/scales.h"
#include "traces/io/safetensors.h"

namespace razorsim {

/// Where a trace comes from. Hashes are SHA-256 of the file, in hexadecimal.
struct Provenance {
  std::string tool;
  std::string model;
  std::string model_sha256;
  std::string text;
  std::string text_sha256;
  std::string calibration;
  std::string calibration_sha256;

  bool operator==(const Provenance&) const = default;
};
template <>
inline constexpr auto fields<Provenance> = field_table<Provenance>(
    field("tool", &Provenance::tool, "", any_value, "program and version that made the trace"),
    field("model", &Provenance::model, "", any_value, "file name of the model"),
    field("model_sha256", &Provenance::model_sha256, "", any_value, "hash of the model file"),
    field("text", &Provenance::text, "", any_value, "file name of the text or token ids"),
    field("text_sha256", &Provenance::text_sha256, "", any_value, "hash of that file"),
    field("calibration", &Provenance::calibration, "", any_value,
          "how the static scales were chosen, from which file"),
    field("calibration_sha256", &Provenance::calibration_sha256, "", any_value,
          "hash of that file"));

/// A workload. Tensors are named after the edges of its operations (Operation::inputs, weight,
/// output); each such name T stands for a family:
///   T                  F32  reference value, rows x columns (weights: see T.source)
///   T.source           the checkpoint's own bytes; encodings[T] names them (F32, F16, BF16, Q4_1,
///   ..) T.absmax           F32  [1] the static maximum from calibration, from which any static
///   scale follows T.base8, T.base16  I8, I16  base integers, normative, with T.base8.scale, .. F32
///   one scale, or one a row of a weight T.sdr4.codes       U8   razored from the base (group 16):
///   two codes a byte, low half first T.sdr4.flags       U8   one flag a group
/// Activations are tokens x features; K and V have kv_heads x head_dim features; scores and softmax
/// (heads x tokens) x keys.
struct Trace {
  Provenance provenance;
  NetworkSpec network;
  Scheme scheme;                     ///< the scheme it was captured for; it serves any other too
  std::vector<std::int32_t> tokens;  ///< token ids of the captured text; empty when shape-only
  std::vector<Operation> operations;
  std::map<std::string, std::string> encodings;
  std::map<std::string, Tensor> tensors;

  [[nodiscard]] bool has_values() const { return !tensors.empty(); }
  [[nodiscard]] bool has(std::string_view name) const {
    return tensors.contains(std::string(name));
  }
  /// The tensor called `name`. Throws TraceError naming it when it is absent.
  [[nodiscard]] const Tensor& tensor(std::string_view name) const;
  /// The base integers of tensor `name` at 8 or 16 bits, with their scales. Throws TraceError.
  [[nodiscard]] BaseIntegers base(std::string_view name, int bits) const;
  /// A weight in FP32, n x k row-major, decoded from its source. Throws TraceError.
  [[nodiscard]] std::vector<float> weight(std::string_view name) const;
};

/// Throws TraceError, naming the tensor, for integers beyond those of `bits` bits (symmetric: -127
/// to 127) or a scale that is not positive and finite: what a file may hold and no quantiser makes.
void check_base(const BaseIntegers& base, int bits, std::string_view name);

/// Reads and verifies a trace: every hash, values wanted or not, then the names and shapes of its
/// operations and tensors. Throws TraceError, one line, for a truncated, corrupt, hostile or other
/// kind of file.
[[nodiscard]] Trace read_trace(const std::string& path);

/// Writes the same bytes for the same trace; the file appears whole or not at all. Throws
/// OutputError.
void write_trace(const Trace& trace, const std::string& path);

}  // namespace razorsim
