// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "models/formats/fp4.h"
#include "models/formats/minifloat.h"

namespace razorsim {
namespace {

constexpr float e2m1_largest = 6.0F;
constexpr float e4m3_largest = 448.0F;

/// NVIDIA's NVFP4 recipe: blocks of 16, tensor scale = absmax / (6 * 448) in FP32, block scale =
/// E4M3((block absmax / 6) / tensor scale), elements x / (block scale * tensor scale); every
/// operation in FP32 (their order is chosen). A block scale that rounds to zero makes its elements
/// +0.
class Nvfp4 final : public Fp4 {
 public:
  std::string_view name() const override { return "nvfp4"; }
  std::string_view meaning() const override {
    return "E2M1 elements, one E4M3 scale a block of 16, one FP32 scale a tensor";
  }

  FormatTraits traits(const FormatSpec&) const override {
    FormatTraits traits = element_traits();
    traits.scale_bits = Bits(32);
    traits.largest_group_code = 0x7E;
    return traits;
  }

  void check(const FormatSpec& spec, Complaints& complaints) const override {
    check_block(spec, 16, complaints);
    if (spec.granularity != ScaleGranularity::tensor) {
      complaints.add(
          "granularity",
          "is '" + std::string(name_of(spec.granularity)) +
              "'; the FP32 scale of nvfp4 is one a 'tensor', its block scales come on top");
    }
  }

  std::vector<FormatSpec> variants() const override {
    FormatSpec spec;
    spec.name = name();
    return {spec};
  }

 private:
  std::vector<float> tensor_scale(MatrixView<const float> numbers,
                                  const ScaleSource& source) const override {
    if (!source.given.empty()) {
      promise(source.given.size() == 1, "nvfp4 has one scale a tensor");
      return source.given;
    }
    float most = 0;
    for (std::int64_t row = 0; row < numbers.rows(); ++row)
      most = std::max(most, absmax(numbers.row(row)));
    return {most / (e2m1_largest * e4m3_largest)};
  }

  std::uint8_t block_code(float absolute_maximum, float tensor_scale) const override {
    if (tensor_scale == 0) return 0;
    const float ratio =
        absolute_maximum / e2m1_largest / tensor_scale;  // infinite is legal: saturates
    return static_cast<std::uint8_t>(encode_minifloat(e4m3, std::min(ratio, 2 * e4m3_largest)));
  }

  float step(std::uint8_t block_code, float tensor_scale) const override {
    return static_cast<float>(decode_minifloat(e4m3, block_code)) * tensor_scale;
  }
};

}  // namespace

const NumberFormat& nvfp4_format() {
  static const Nvfp4 format;
  return format;
}

}  // namespace razorsim
