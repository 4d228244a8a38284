// SPDX-License-Identifier: Apache-2.0
// What one number format must say about itself. Users of formats include format.h instead.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/errors.h"
#include "models/base/scheme.h"
#include "models/base/tensor_view.h"
#include "models/base/units.h"
#include "models/formats/encoded_matrix.h"
#include "models/formats/scales.h"

namespace razorsim {

/// Sizes and limits of a format as a FormatSpec sets it.
struct FormatTraits {
  bool is_integer = false;  ///< elements are exact integers times a real scale
  bool has_groups = false;  ///< elements of a group share a flag or a scale
  int base_bits = 0;        ///< bits of the base integers, sign included; 0 for floating formats
  int magnitude_bits = 0;   ///< of one code, 0 for floating formats
  bool sign_magnitude = false;  ///< negative codes are stored as sign and magnitude
  Bits element_bits;            ///< stored, each element
  Bits group_bits;              ///< stored, each group: flag, E8M0, E4M3 or FP16 scale
  Bits scale_bits;              ///< stored, each real scale of a tensor or row
  std::int32_t smallest_code = 0;
  std::int32_t largest_code = 0;
  int largest_group_code = 0;      ///< largest flag of SDR, largest legal scale code of the others
  std::int64_t largest_value = 0;  ///< largest |value| of an integer format
};

/// Collects what is wrong with a FormatSpec; `path` leads to it, e.g. "scheme.weights".
struct Complaints {
  std::string path;
  std::vector<Problem> found;

  void add(std::string_view key, std::string message) {
    found.push_back(
        {path.empty() ? std::string(key) : path + "." + std::string(key), std::move(message)});
  }
};

/// Stateless: one instance a format, all settings come in the FormatSpec.
class NumberFormat {
 public:
  virtual ~NumberFormat() = default;

  [[nodiscard]] virtual std::string_view name() const = 0;
  [[nodiscard]] virtual std::string_view meaning() const = 0;
  [[nodiscard]] virtual FormatTraits traits(const FormatSpec& spec) const = 0;
  virtual void check(const FormatSpec& spec, Complaints& complaints) const = 0;
  /// Settings worth telling apart, the usual one first: the laws of tests/formats hold for each.
  [[nodiscard]] virtual std::vector<FormatSpec> variants() const = 0;

  /// Fills values, codes, group_codes and scales of `out`, whose format and shape are set.
  virtual void encode(MatrixView<const float> numbers, const ScaleSource& source,
                      EncodedMatrix& out) const = 0;
  /// The same from base integers, whose scales `out` already has; integer formats only.
  virtual void encode_integers(MatrixView<const std::int16_t> base, EncodedMatrix& out) const;
  virtual void decode(const EncodedMatrix& encoded, MatrixView<float> out) const = 0;
};

#define RAZORSIM_FORMAT(name) [[nodiscard]] const NumberFormat& name##_format();
#include "models/formats/formats.def"
#undef RAZORSIM_FORMAT

}  // namespace razorsim
