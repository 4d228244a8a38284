// SPDX-License-Identifier: Apache-2.0
#include "models/formats/row_scales.h"

#include <cmath>

#include "models/base/errors.h"
#include "models/formats/format.h"
#include "models/formats/format_kernels.h"
#include "models/formats/scales.h"

namespace razorsim {
namespace {

/// The scales of all rows of which least squared errors have been found so far.
class Search {
 public:
  Search(const FormatSpec& format, MatrixView<const float> numbers)
      : format_(format), numbers_(numbers), bits_(traits_of(format).base_bits) {
    for (std::int64_t row = 0; row < numbers.rows(); ++row)
      most_.push_back(absmax(numbers.row(row)));
    best_ = scales_of(row_scale_unit);
    least_ = errors_of(best_);
  }

  void attempt(int candidate) {
    const std::vector<float> scales = scales_of(candidate);
    const std::vector<double> errors = errors_of(scales);
    for (std::size_t row = 0; row < best_.size(); ++row) {
      if (!(errors[row] < least_[row])) continue;
      least_[row] = errors[row];
      best_[row] = scales[row];
    }
  }

  std::vector<float> take() { return std::move(best_); }

 private:
  /// A candidate beyond FP32 is the scale of the largest magnitude itself.
  [[nodiscard]] std::vector<float> scales_of(int candidate) const {
    const float factor = static_cast<float>(candidate) / row_scale_unit;
    std::vector<float> scales;
    for (const float most : most_) {
      const float wanted = most * factor;
      scales.push_back(scale_of_absmax(std::isfinite(wanted) ? wanted : most, bits_));
    }
    return scales;
  }

  [[nodiscard]] std::vector<double> errors_of(const std::vector<float>& scales) const {
    const EncodedMatrix encoded = encode(format_, numbers_, {scales});
    std::vector<double> errors;
    for (std::int64_t row = 0; row < numbers_.rows(); ++row) {
      errors.push_back(squared_error(numbers_.row(row), encoded.values_view().row(row),
                                     scales[static_cast<std::size_t>(row)]));
    }
    return errors;
  }

  const FormatSpec& format_;
  MatrixView<const float> numbers_;
  int bits_;
  std::vector<float> most_;
  std::vector<float> best_;
  std::vector<double> least_;
};

}  // namespace

bool has_row_scales(const FormatSpec& format) {
  return is_integer_format(format) && format.granularity == ScaleGranularity::row;
}

std::vector<float> search_row_scales(const FormatSpec& format, MatrixView<const float> numbers) {
  promise(has_row_scales(format), "a format without a scale a row has none to search");
  if (numbers.rows() == 0) return {};
  Search search(format, numbers);
  for (int i = smallest_row_scale; i <= largest_row_scale; ++i) {
    if (i != row_scale_unit) search.attempt(i);
  }
  return search.take();
}

}  // namespace razorsim
