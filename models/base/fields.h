// SPDX-License-Identifier: Apache-2.0
// The field table: one line a member of a Spec or Counters struct. Loading, range and unknown-key
// errors, `razorsim explain`, the JSON Schema, the resolved dump, sums, JSON and CSV come from it.
#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace razorsim {

/// Closed interval of legal values of a number (or of a vector's elements).
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();

  [[nodiscard]] constexpr bool holds(double value) const { return low <= value && value <= high; }
};

inline constexpr Range any_value{};
constexpr Range at_least(double low) { return {low, std::numeric_limits<double>::infinity()}; }
constexpr Range between(double low, double high) { return {low, high}; }
inline constexpr Range non_negative = at_least(0);

/// One member: its key in JSON, unit ("" for none), legal range, meaning in one line, and the
/// source of its default ("chosen" where it is ours).
template <class Owner, class Member>
struct Field {
  using owner = Owner;
  using type = Member;

  std::string_view name;
  Member Owner::*member;
  std::string_view unit;
  Range range;
  std::string_view meaning;
  std::string_view source;
};

template <class Owner, class Member>
[[nodiscard]] constexpr Field<Owner, Member> field(std::string_view name, Member Owner::*member,
                                                   std::string_view unit, Range range,
                                                   std::string_view meaning,
                                                   std::string_view source = "chosen") {
  return {name, member, unit, range, meaning, source};
}

namespace detail {

/// Converts to anything, so that aggregate initialisation can be probed for the number of members.
struct Anything {
  template <class T>
  operator T() const;  // never defined; not constexpr, or its use inside std::optional would warn
};

template <class T, std::size_t... I>
constexpr bool takes(std::index_sequence<I...>) {
  return requires { T{((void)I, Anything{})...}; };
}

template <class T, std::size_t N = 0>
constexpr std::size_t member_count() {
  if constexpr (!takes<T>(std::make_index_sequence<N + 1>{})) {
    return N;
  } else {
    return member_count<T, N + 1>();
  }
}

template <class A, class B>
constexpr bool clash(const A& a, const B& b) {
  if (a.name == b.name) return true;
  if constexpr (std::is_same_v<A, B>) return a.member == b.member;
  return false;
}

template <class Tuple, std::size_t... I>
constexpr bool distinct(const Tuple& table, std::index_sequence<I...>) {
  const auto row = [&]<std::size_t A>(std::integral_constant<std::size_t, A>) {
    return ((A == I || !clash(std::get<A>(table), std::get<I>(table))) && ...);
  };
  return (row(std::integral_constant<std::size_t, I>{}) && ...);
}

}  // namespace detail

/// The table of `T`. Does not compile when a member is left out, named twice, or listed twice.
template <class T, class... F>
[[nodiscard]] consteval auto field_table(F... listed) {
  static_assert((std::is_same_v<typename F::owner, T> && ...), "a field of another struct");
  static_assert(sizeof...(F) == detail::member_count<T>(),
                "a member is missing from its field table");
  const std::tuple<F...> table{listed...};
  if (!detail::distinct(table, std::index_sequence_for<F...>{})) throw "a field is listed twice";
  return table;
}

struct NoFields {};

/// Specialise beside each Spec and Counters:
///   template <> inline constexpr auto fields<ArraySpec> = field_table<ArraySpec>(field(...), ...);
template <class T>
inline constexpr NoFields fields{};

template <class T>
concept Described =
    !std::is_same_v<std::remove_cvref_t<decltype(fields<std::remove_cvref_t<T>>)>, NoFields>;

/// Calls `visit(field)` for each field of `T`, in the order of the table.
template <Described T, class Visitor>
constexpr void for_each_field(Visitor&& visit) {
  std::apply([&](const auto&... each) { (visit(each), ...); }, fields<T>);
}

/// Sums every counter of `part` into `whole`, nested tables included.
template <Described T>
constexpr void add_fields(T& whole, const T& part) {
  for_each_field<T>([&](const auto& each) {
    using Member = typename std::remove_cvref_t<decltype(each)>::type;
    if constexpr (Described<Member>) {
      add_fields(whole.*each.member, part.*each.member);
    } else {
      whole.*each.member += part.*each.member;
    }
  });
}

/// Name and meaning of one enumerator.
template <class E>
struct EnumName {
  E value;
  std::string_view name;
  std::string_view meaning;
};

/// Specialise beside each enumeration that a file or command line may name:
///   template <> inline constexpr auto enum_names<Rounding> =
///   std::to_array<EnumName<Rounding>>({...});
template <class E>
inline constexpr NoFields enum_names{};

template <class E>
concept NamedEnum =
    std::is_enum_v<E> && !std::is_same_v<std::remove_cvref_t<decltype(enum_names<E>)>, NoFields>;

template <NamedEnum E>
[[nodiscard]] constexpr std::string_view name_of(E value) {
  for (const auto& each : enum_names<E>) {
    if (each.value == value) return each.name;
  }
  return "?";
}

}  // namespace razorsim
