// SPDX-License-Identifier: Apache-2.0
// A Shape as JSON Schema, for editors and validators: configs/schema/<kind>.schema.json.
#pragma once

#include <string_view>

#include "sim/config/shape.h"

namespace razorsim {

/// The schema (draft 2020-12) of files of this shape. Accepts what read_document and check accept,
/// except that names of files are any string.
[[nodiscard]] Value json_schema(const Shape& shape, std::string_view title);

}  // namespace razorsim
