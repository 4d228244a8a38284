// SPDX-License-Identifier: Apache-2.0
// What the trace tests share: a folder of their own, files as bytes, and a tiny model in both
// forms.
#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/base/errors.h"
#include "models/base/operation.h"

namespace razorsim::test {

/// A folder that is gone after the test.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "razorsim-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string operator/(const std::string& name) const {
    return (path_ / name).string();
  }
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

inline std::string read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
inline void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

/// The message of the TraceError that `work` must throw; one line, or the test fails.
template <class Work>
std::string trace_error_of(const Work& work) {
  try {
    work();
  } catch (const TraceError& error) {
    const std::string message = error.what();
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    EXPECT_FALSE(message.empty());
    return message;
  }
  ADD_FAILURE() << "no TraceError";
  return "";
}

/// Raw bytes of plain values, one after the other.
class Bytes {
 public:
  template <class T>
  Bytes& put(T value) {
    text_.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }
  Bytes& text(const std::string& value) {
    put<std::uint64_t>(value.size());
    text_ += value;
    return *this;
  }
  Bytes& raw(const std::string& value) {
    text_ += value;
    return *this;
  }
  Bytes& align(std::size_t to) {
    text_.resize((text_.size() + to - 1) / to * to);
    return *this;
  }
  [[nodiscard]] const std::string& str() const { return text_; }

 private:
  std::string text_;
};

/// Weights of a LLaMA small enough to check by hand, under our names; drawn from a fixed sequence.
struct TinyModel {
  NetworkSpec network;
  std::map<std::string, std::vector<float>> weights;
};
[[nodiscard]] TinyModel tiny_model();
/// Writes it as a GGUF file (F32; Q and K with their rows interleaved) or a Hugging Face folder.
[[nodiscard]] std::string tiny_gguf(const TinyModel& model,
                                    const std::string& architecture = "llama");
void write_tiny_huggingface(const TinyModel& model, const std::string& folder);

}  // namespace razorsim::test
