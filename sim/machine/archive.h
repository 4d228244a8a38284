// SPDX-License-Identifier: Apache-2.0
// Plain data to bytes and back, by the field tables: how a child process hands its result over.
// Both ends are the same program, so there is no version and no byte order.
#pragma once

#include <array>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "models/base/cause.h"
#include "models/base/errors.h"
#include "models/base/fields.h"

namespace razorsim {

class ArchiveWriter {
 public:
  template <class T>
  void put(const T& value) {
    if constexpr (Described<T>) {
      for_each_field<T>([&](const auto& each) { put(value.*each.member); });
    } else {
      static_assert(std::is_trivially_copyable_v<T>, "a type the archive does not know");
      bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
  }
  void put(const std::string& text) {
    put(text.size());
    bytes_.append(text);
  }
  template <class T, class Memory>
  void put(const std::vector<T, Memory>& list) {
    put(list.size());
    for (const T& each : list) put(each);
  }

  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

class ArchiveReader {
 public:
  explicit ArchiveReader(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  void get(T& value) {
    if constexpr (Described<T>) {
      for_each_field<T>([&](const auto& each) { get(value.*each.member); });
    } else {
      static_assert(std::is_trivially_copyable_v<T>, "a type the archive does not know");
      std::memcpy(&value, take(sizeof value).data(), sizeof value);
    }
  }
  void get(std::string& text) {
    std::size_t size = 0;
    get(size);
    text = take(size);
  }
  template <class T, class Memory>
  void get(std::vector<T, Memory>& list) {
    std::size_t size = 0;
    get(size);
    list.resize(size);
    for (T& each : list) get(each);
  }

 private:
  std::string_view take(std::size_t size) {
    promise(size <= bytes_.size(), "a child's result is cut short");
    const std::string_view part = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return part;
  }

  std::string_view bytes_;
};

}  // namespace razorsim
