// SPDX-License-Identifier: Apache-2.0
// A read or write window on a row-major matrix that somebody else owns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

namespace razorsim {

/// Rows x columns of `T`, row-major with `stride` elements from one row to the next. Never owns.
template <class T>
class MatrixView {
 public:
  constexpr MatrixView() = default;
  constexpr MatrixView(T* data, std::int64_t rows, std::int64_t cols, std::int64_t stride)
      : data_(data), rows_(rows), cols_(cols), stride_(stride) {}
  constexpr MatrixView(T* data, std::int64_t rows, std::int64_t cols)
      : MatrixView(data, rows, cols, cols) {}
  /// A view of mutable elements is a view of constant ones.
  constexpr operator MatrixView<const T>() const { return {data_, rows_, cols_, stride_}; }

  [[nodiscard]] constexpr std::int64_t rows() const { return rows_; }
  [[nodiscard]] constexpr std::int64_t cols() const { return cols_; }
  [[nodiscard]] constexpr std::int64_t stride() const { return stride_; }
  [[nodiscard]] constexpr std::int64_t size() const { return rows_ * cols_; }
  [[nodiscard]] constexpr bool empty() const { return size() == 0; }
  [[nodiscard]] constexpr T* data() const { return data_; }
  [[nodiscard]] constexpr T& operator()(std::int64_t row, std::int64_t col) const {
    return data_[row * stride_ + col];
  }
  [[nodiscard]] constexpr std::span<T> row(std::int64_t index) const {
    return {data_ + index * stride_, static_cast<std::size_t>(cols_)};
  }
  /// The window of `rows` x `cols` whose top left corner is (row, col).
  [[nodiscard]] constexpr MatrixView block(std::int64_t row, std::int64_t col, std::int64_t rows,
                                           std::int64_t cols) const {
    return {data_ + row * stride_ + col, rows, cols, stride_};
  }

 private:
  T* data_ = nullptr;
  std::int64_t rows_ = 0;
  std::int64_t cols_ = 0;
  std::int64_t stride_ = 0;
};

/// Its elements column by column.
template <class T>
[[nodiscard]] std::vector<std::remove_const_t<T>> transposed(MatrixView<T> matrix) {
  std::vector<std::remove_const_t<T>> out;
  out.reserve(static_cast<std::size_t>(matrix.size()));
  for (std::int64_t col = 0; col < matrix.cols(); ++col) {
    for (std::int64_t row = 0; row < matrix.rows(); ++row) out.push_back(matrix(row, col));
  }
  return out;
}

}  // namespace razorsim
