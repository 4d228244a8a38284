// SPDX-License-Identifier: Apache-2.0
// A file of input, mapped read-only, and a file of output that appears whole or not at all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace razorsim {

/// A regular file mapped read-only. Cheap to copy; the mapping lives as long as its last copy, and
/// pages come in when touched, so mapping a file larger than memory is fine.
class MappedFile {
 public:
  MappedFile() = default;
  /// Throws TraceError when `path` cannot be opened, is no regular file or cannot be mapped.
  explicit MappedFile(std::string path);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }
  /// Keeps the mapping alive: for views that outlive this object.
  [[nodiscard]] const std::shared_ptr<const void>& owner() const { return owner_; }

 private:
  std::string path_;
  std::shared_ptr<const void> owner_;
  std::span<const std::byte> bytes_;
};

/// Lets the pages of a part of a mapped file go; they are read again when touched. Keeps a walk
/// over a large model from occupying memory for what it has passed.
void release_pages(std::span<const std::byte> part);

/// A file written under a temporary name beside `path` and renamed by commit(); without commit()
/// nothing is left. Throws OutputError.
class OutputFile {
 public:
  explicit OutputFile(std::string path);
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);
  void commit();

 private:
  std::string path_;
  std::string temporary_;
  int descriptor_ = -1;
};

/// The whole of a text file. Throws TraceError.
[[nodiscard]] std::string read_text(const std::string& path);

}  // namespace razorsim
