// SPDX-License-Identifier: Apache-2.0
// A record as it is written: a list of columns, each with what it means and how it is read off what
// the record is of. Columns that are members of a struct take key, unit and meaning from its field
// table. JSON, CSV and docs/results.md come from the same list.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "sim/config/shape.h"

namespace razorsim {

template <class Record>
struct Column {
  std::string_view name;
  std::string_view unit;
  Range range;
  std::string_view meaning;
  Shape shape;
  std::function<Value(const Record&)> read;
};

/// A column made of the record by `read`, which returns anything that has a shape.
template <class Record, class Read>
[[nodiscard]] Column<Record> column(std::string_view name, std::string_view unit, Range range,
                                    std::string_view meaning, Read read) {
  using Part = std::remove_cvref_t<std::invoke_result_t<Read, const Record&>>;
  return {name, unit, range, meaning, shape_of<Part>(), [read](const Record& record) {
            return to_value(std::invoke(read, record));
          }};
}

/// The column that a described struct's `member` is; `find` leads from the record to the struct.
template <class Record, class Owner, class Part, class Find>
[[nodiscard]] Column<Record> column_of(Part Owner::*member, Find find) {
  Column<Record> made;
  for_each_field<Owner>([&](const auto& each) {
    if constexpr (std::is_same_v<Part Owner::*, std::remove_cvref_t<decltype(each.member)>>) {
      if (each.member != member) return;
      made = column<Record>(
          each.name, each.unit, each.range, each.meaning,
          [=](const Record& record) -> const Part& { return std::invoke(find, record).*member; });
    }
  });
  return made;
}

/// Base of a record: `Record::columns()` says what it is as JSON.
template <class Record>
struct Written {
  [[nodiscard]] Value as_value() const {
    JsonObject members;
    for (const Column<Record>& each : Record::columns()) {
      members.push_back({std::string(each.name), each.read(static_cast<const Record&>(*this))});
    }
    return members;
  }
  [[nodiscard]] static Shape shape() {
    Shape shape;
    for (const Column<Record>& each : Record::columns()) {
      shape.fields.push_back(
          {each.name, each.unit, each.range, each.meaning, "", each.shape, Value()});
    }
    return shape;
  }
};

}  // namespace razorsim
