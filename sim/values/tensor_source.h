// SPDX-License-Identifier: Apache-2.0
// Where a run's numbers come from: a trace, or operands given by hand.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/base/index_range.h"
#include "models/base/tensor_view.h"
#include "models/formats/encoded_matrix.h"
#include "models/formats/scales.h"
#include "traces/io/trace.h"

namespace razorsim {

class TensorSource {
 public:
  virtual ~TensorSource() = default;
  /// FP32 reference of a tensor, rows x columns as in docs/trace-format.md; nothing where there is
  /// none.
  [[nodiscard]] virtual std::optional<MatrixView<const float>> reference(
      const std::string& name) const = 0;
  /// K or V of the tokens cached before the first row of `name`, in FP32; nothing where there are
  /// none.
  [[nodiscard]] virtual std::optional<MatrixView<const float>> cached(
      const std::string& /*name*/) const {
    return std::nullopt;
  }
  /// Normative base integers of `bits` bits with their scales; null where the source has none.
  [[nodiscard]] virtual std::shared_ptr<const BaseIntegers> base(const std::string& name,
                                                                 int bits) const = 0;
  /// Largest magnitude from calibration, for static scales. Throws TraceError where it is missing.
  [[nodiscard]] virtual float absmax(const std::string& name) const = 0;
  /// A weight in FP32, n x k. Throws TraceError where it is missing.
  [[nodiscard]] virtual std::vector<float> weight(const std::string& name) const = 0;
  /// Scales of a weight's rows that were searched for `format`; empty where nobody searched.
  [[nodiscard]] virtual std::vector<float> row_scales(const std::string& /*name*/,
                                                      const FormatSpec& /*format*/) const {
    return {};
  }
};

/// The tensors of a trace, which must outlive it.
class TraceSource : public TensorSource {
 public:
  explicit TraceSource(const Trace& trace) : trace_(trace) {}
  [[nodiscard]] std::optional<MatrixView<const float>> reference(
      const std::string& name) const override;
  [[nodiscard]] std::shared_ptr<const BaseIntegers> base(const std::string& name,
                                                         int bits) const override;
  [[nodiscard]] float absmax(const std::string& name) const override;
  [[nodiscard]] std::vector<float> weight(const std::string& name) const override;

 private:
  const Trace& trace_;
};

/// Base integers of one matrix product: `left` m x k, `right` n x k, each with one scale (or one a
/// row).
class OperandSource : public TensorSource {
 public:
  OperandSource(std::string left_name, BaseIntegers left, std::string right_name,
                BaseIntegers right);
  [[nodiscard]] std::optional<MatrixView<const float>> reference(
      const std::string& name) const override;
  [[nodiscard]] std::shared_ptr<const BaseIntegers> base(const std::string& name,
                                                         int bits) const override;
  [[nodiscard]] float absmax(const std::string& name) const override;
  [[nodiscard]] std::vector<float> weight(const std::string& name) const override;

 private:
  [[nodiscard]] std::shared_ptr<const BaseIntegers> integers(const std::string& name) const;

  std::string left_name_;
  std::string right_name_;
  std::shared_ptr<const BaseIntegers> left_;
  std::shared_ptr<const BaseIntegers> right_;
};

/// Whether `format` has a scale that is chosen before the run, from a maximum.
[[nodiscard]] bool is_static(const FormatSpec& format);

/// `name` encoded as `format` says: from the base integers where the source has them at the
/// format's base, else from FP32 with the static scale of calibration, a dynamic one, or 1 /
/// (2^(b-1) - 1). `is_weight`: from the weight, with scales of its own.
[[nodiscard]] EncodedMatrix encode_tensor(const TensorSource& source, const std::string& name,
                                          const FormatSpec& format, bool is_weight);

/// The same from numbers at hand: `absolute_maximum` is the static one.
[[nodiscard]] EncodedMatrix encode_numbers(MatrixView<const float> numbers,
                                           const FormatSpec& format, float absolute_maximum);

/// The rows x cols window of an encoded matrix; a window of grouped columns starts and ends with a
/// group (or with the matrix).
[[nodiscard]] EncodedMatrix window(const EncodedMatrix& whole, IndexRange rows, IndexRange cols);
/// `below` put under `above`: the same format and columns.
void append_rows(EncodedMatrix& above, const EncodedMatrix& below);

}  // namespace razorsim
