// SPDX-License-Identifier: Apache-2.0
// A trace whose metadata is broken, with hashes that hold: as a hostile writer would, who knows the
// format.
#pragma once

#include <map>
#include <string>

#include "tests/support/mutants.h"
#include "traces/io/safetensors.h"
#include "traces/io/sha256.h"

namespace razorsim::testing {

/// Breaks the metadata `key` of `good` and writes the trace to `path`. False where the text is no
/// UTF-8, which no header can hold.
inline bool write_broken_trace(const Safetensors& good, const std::string& key, Mutants& mutants,
                               const std::string& path) {
  const std::string blank(64, '0');
  std::map<std::string, std::string> metadata = good.metadata;
  metadata[key] = mutants.of_json(metadata.at(key));
  metadata["header_sha256"] = blank;
  std::string header;
  try {
    header = safetensors_header(metadata, good.tensors);
  } catch (const std::exception&) {
    return false;
  }
  header.replace(header.find(blank), blank.size(), sha256_hex(header));
  write_with_header(path, header, good.tensors);
  return true;
}

}  // namespace razorsim::testing
