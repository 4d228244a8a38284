// SPDX-License-Identifier: Apache-2.0
#include "models/formats/integer.h"

namespace razorsim {

const NumberFormat& int4_format() {
  static const PlainInteger format(
      4, "int4", "symmetric INT4 at a real scale a tensor or row, or an FP16 scale a group");
  return format;
}

}  // namespace razorsim
