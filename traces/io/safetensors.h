// SPDX-License-Identifier: Apache-2.0
// The safetensors container: 8 bytes of header length, a JSON header, the tensors back to back.
// Files are untrusted: every length, offset, shape and name is checked before anything is believed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/errors.h"
#include "models/base/fields.h"
#include "models/base/tensor_view.h"
#include "traces/io/mapped_file.h"

namespace razorsim {

enum class Dtype { boolean, u8, i8, u16, i16, f16, bf16, u32, i32, f32, u64, i64, f64 };
template <>
inline constexpr auto enum_names<Dtype> = std::to_array<EnumName<Dtype>>({
    {Dtype::boolean, "BOOL", "1 byte"},
    {Dtype::u8, "U8", "unsigned, 1 byte"},
    {Dtype::i8, "I8", "signed, 1 byte"},
    {Dtype::u16, "U16", "unsigned, 2 bytes"},
    {Dtype::i16, "I16", "signed, 2 bytes"},
    {Dtype::f16, "F16", "IEEE half"},
    {Dtype::bf16, "BF16", "bfloat16"},
    {Dtype::u32, "U32", "unsigned, 4 bytes"},
    {Dtype::i32, "I32", "signed, 4 bytes"},
    {Dtype::f32, "F32", "IEEE single"},
    {Dtype::u64, "U64", "unsigned, 8 bytes"},
    {Dtype::i64, "I64", "signed, 8 bytes"},
    {Dtype::f64, "F64", "IEEE double"},
});
/// Bytes of one element.
[[nodiscard]] std::size_t size_of(Dtype dtype);

template <class T>
inline constexpr Dtype dtype_of = Dtype::boolean;
template <>
inline constexpr Dtype dtype_of<std::uint8_t> = Dtype::u8;
template <>
inline constexpr Dtype dtype_of<std::int8_t> = Dtype::i8;
template <>
inline constexpr Dtype dtype_of<std::int16_t> = Dtype::i16;
template <>
inline constexpr Dtype dtype_of<std::int32_t> = Dtype::i32;
template <>
inline constexpr Dtype dtype_of<std::int64_t> = Dtype::i64;
template <>
inline constexpr Dtype dtype_of<float> = Dtype::f32;

/// A tensor somewhere in memory: usually a view on a mapped file that `owner` keeps alive.
struct Tensor {
  Dtype dtype = Dtype::f32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> owner;

  /// All dimensions but the last flattened; a vector is one row, a scalar 1 x 1.
  [[nodiscard]] std::int64_t rows() const;
  [[nodiscard]] std::int64_t cols() const;
  /// The elements as a matrix rows() x cols(). Throws TraceError when `T` is not the dtype or the
  /// bytes are not aligned for it.
  template <class T>
  [[nodiscard]] MatrixView<const T> view() const {
    check_view(dtype_of<T>, alignof(T));
    return {static_cast<const T*>(static_cast<const void*>(bytes.data())), rows(), cols()};
  }

 private:
  void check_view(Dtype wanted, std::size_t alignment) const;
};

/// A tensor that owns a copy of `elements` with the given shape (their product must agree).
template <class T>
[[nodiscard]] Tensor make_tensor(std::vector<T> elements, std::vector<std::int64_t> shape) {
  auto owner = std::make_shared<const std::vector<T>>(std::move(elements));
  Tensor tensor{dtype_of<T>, std::move(shape), std::as_bytes(std::span<const T>(*owner)), owner};
  promise(tensor.rows() * tensor.cols() == static_cast<std::int64_t>(owner->size()),
          "a tensor's shape must agree with its elements");
  return tensor;
}

struct Safetensors {
  std::map<std::string, std::string> metadata;
  std::map<std::string, Tensor> tensors;
  std::string_view header;  ///< the header's own bytes, padding included
};

/// Parses a mapped file. Throws TraceError, one line, for anything malformed: truncated, header too
/// long or not JSON, duplicate names, unknown dtype, shape overflow, and data that tensors overlap,
/// miss or leave the file.
[[nodiscard]] Safetensors read_safetensors(const MappedFile& file);
[[nodiscard]] Safetensors read_safetensors(const std::string& path);

/// The header that write_safetensors writes: metadata first, tensors by falling element size and
/// then by name, padded with spaces so that the data starts at a multiple of 64 bytes.
[[nodiscard]] std::string safetensors_header(const std::map<std::string, std::string>& metadata,
                                             const std::map<std::string, Tensor>& tensors);

/// Writes the same bytes for the same content. Throws OutputError.
void write_safetensors(const std::string& path, const std::map<std::string, std::string>& metadata,
                       const std::map<std::string, Tensor>& tensors);
/// The same with a header that the caller has finished.
void write_with_header(const std::string& path, std::string_view header,
                       const std::map<std::string, Tensor>& tensors);

}  // namespace razorsim
