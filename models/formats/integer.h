// SPDX-License-Identifier: Apache-2.0
// What the integer formats share, and the plain ones: a code is the base integer itself.
#pragma once

#include <cstdint>
#include <span>

#include "models/formats/number_format.h"

namespace razorsim {

/// Any format of exact integers times a real scale: stage 1, then whatever encode_row does, row by
/// row, so that a row goes through both while it is in cache.
class IntegerBased : public NumberFormat {
 public:
  void encode(MatrixView<const float> numbers, const ScaleSource& source,
              EncodedMatrix& out) const final;
  void encode_integers(MatrixView<const std::int16_t> base, EncodedMatrix& out) const final;
  void decode(const EncodedMatrix& encoded, MatrixView<float> out) const final;

 private:
  /// Stage 2 of the next row, whose integers are within the base: adds values, codes and flags.
  virtual void encode_row(std::span<const std::int16_t> base, EncodedMatrix& out) const = 0;
};

/// Symmetric two's complement integers of `bits` bits, -(2^(bits-1)-1) .. 2^(bits-1)-1, at one real
/// scale a tensor or row, or one FP16 scale a group.
class PlainInteger final : public IntegerBased {
 public:
  PlainInteger(int bits, std::string_view name, std::string_view meaning)
      : bits_(bits), name_(name), meaning_(meaning) {}

  std::string_view name() const override { return name_; }
  std::string_view meaning() const override { return meaning_; }
  FormatTraits traits(const FormatSpec& spec) const override;
  void check(const FormatSpec& spec, Complaints& complaints) const override;
  std::vector<FormatSpec> variants() const override;

 private:
  void encode_row(std::span<const std::int16_t> base, EncodedMatrix& out) const override;

  int bits_;
  std::string_view name_;
  std::string_view meaning_;
};

}  // namespace razorsim
