// SPDX-License-Identifier: Apache-2.0
#include "models/formats/integer.h"

namespace razorsim {

const NumberFormat& int16_format() {
  static const PlainInteger format(
      16, "int16", "symmetric INT16 at a real scale a tensor or row, or an FP16 scale a group");
  return format;
}

}  // namespace razorsim
