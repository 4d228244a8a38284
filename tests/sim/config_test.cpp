// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <map>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/base/network_config.h"
#include "models/base/scheme.h"
#include "sim/config/explain.h"
#include "sim/config/json.h"
#include "sim/config/load.h"
#include "sim/config/schema.h"
#include "tests/support/run_program.h"

namespace razorsim {

enum class Colour { red, green };
template <>
inline constexpr auto enum_names<Colour> = std::to_array<EnumName<Colour>>(
    {{Colour::red, "red", "warm"}, {Colour::green, "green", "cold"}});

struct InnerSpec {
  std::int64_t count = 3;
  Bytes size{64};
  bool operator==(const InnerSpec&) const = default;
};
template <>
inline constexpr auto fields<InnerSpec> =
    field_table<InnerSpec>(field("count", &InnerSpec::count, "", between(1, 10), "how many"),
                           field("size_bytes", &InnerSpec::size, "B", non_negative, "how large"));

struct OuterSpec {
  std::string name = "x";
  double ratio = 0.5;
  bool on = false;
  int small = 0;
  Colour colour = Colour::red;
  InnerSpec inner{.count = 5};
  std::vector<InnerSpec> list;
  std::array<int, 2> pair{1, 2};
  std::optional<double> maybe;
  std::map<std::string, int> named;
  ByCause<std::int64_t> causes;
  bool operator==(const OuterSpec&) const = default;
};
template <>
inline constexpr auto fields<OuterSpec> =
    field_table<OuterSpec>(field("name", &OuterSpec::name, "", any_value, "its name"),
                           field("ratio", &OuterSpec::ratio, "", between(0, 1), "a ratio"),
                           field("on", &OuterSpec::on, "", any_value, "a switch"),
                           field("small", &OuterSpec::small, "", any_value, "an int"),
                           field("colour", &OuterSpec::colour, "", any_value, "a choice"),
                           field("inner", &OuterSpec::inner, "", any_value, "a part"),
                           field("list", &OuterSpec::list, "", any_value, "parts"),
                           field("pair", &OuterSpec::pair, "", between(0, 9), "two"),
                           field("maybe", &OuterSpec::maybe, "", any_value, "may be null"),
                           field("named", &OuterSpec::named, "", between(0, 9), "a dictionary"),
                           field("causes", &OuterSpec::causes, "", any_value, "one a cause"));

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> problems_of(const std::string& json) {
  std::vector<std::string> lines;
  for (const Problem& each : check(parse_json(json, "f"), shape_of<OuterSpec>()))
    lines.push_back(each.path + ": " + each.message);
  return lines;
}

std::string error_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

TEST(Json, ReadsWhatItWrites) {
  const std::string text = R"({"a":[1,-2,0.1,1e300,true,null,"\u00e9\n\"\\"],"b":{"c":{}},"d":[]})";
  const Value value = parse_json(text, "f");
  EXPECT_EQ(parse_json(json_text(value), "f"), value);
  EXPECT_EQ(parse_json(json_line(value), "f"), value);
}

TEST(Json, WritesRealsInTheShortestFormThatReadsBack) {
  EXPECT_EQ(json_line(Value(0.1)), "0.1");
  EXPECT_EQ(json_line(Value(1.0)), "1.0");
  EXPECT_EQ(json_line(Value(1e22)), "1e+22");
  EXPECT_EQ(json_line(Value(5e-324)), "5e-324");
  EXPECT_EQ(json_line(Value(std::numeric_limits<double>::infinity())), "null");
  EXPECT_EQ(json_line(Value(std::int64_t{-9223372036854775807} - 1)), "-9223372036854775808");
}

TEST(Json, WritesUtf8WhateverItIsGiven) {
  EXPECT_EQ(json_line(Value("\xc2\xb5 \xe2\x82\xac \xf0\x9f\x98\x80")),
            "\"\xc2\xb5 \xe2\x82\xac \xf0\x9f\x98\x80\"");
  EXPECT_EQ(json_line(Value("a\xff!")), R"("a\ufffd!")");
  EXPECT_EQ(json_line(Value("cut\xe2\x82")), R"("cut\ufffd\ufffd")");
  EXPECT_EQ(json_line(Value("\xc0\x80")), R"("\ufffd\ufffd")") << "longer than need be";
  EXPECT_EQ(json_line(Value("\xed\xa0\x80")), R"("\ufffd\ufffd\ufffd")") << "a surrogate";
}

TEST(Json, KeepsTheOrderOfKeysAndKnowsTheirLines) {
  const Value value = parse_json("{\n\"z\": 1,\n\n\"a\": {\"b\":\n2}}", "f");
  const JsonObject& members = *value.object();
  EXPECT_EQ(members[0].key, "z");
  EXPECT_EQ(members[0].origin.line, 2);
  EXPECT_EQ(members[1].origin.line, 4);
}

TEST(Config, DumpReadsBackToTheSameSpec) {
  OuterSpec spec;
  spec.list = {{.count = 7, .size = Bytes(5)}, {}};
  spec.colour = Colour::green;
  spec.maybe = 2.5;
  spec.named = {{"p", 4}};
  spec.pair = {8, 9};
  spec.causes[Cause::refresh] = 12;
  EXPECT_EQ(from_value<OuterSpec>(parse_json(json_text(to_value(spec)), "f")), spec);
}

TEST(Config, KeepsDefaultsOfWhatIsLeftOut) {
  const auto spec = from_value<OuterSpec>(parse_json(R"({"inner": {"size_bytes": 1}})", "f"));
  EXPECT_EQ(spec.inner.count, 5) << "the default of the whole, not of the part alone";
  EXPECT_EQ(spec.inner.size, Bytes(1));
}

TEST(Config, TellsAllProblemsAtOnceWithPathValueAndWhatIsAllowed) {
  EXPECT_THAT(
      problems_of("{\n\"ratio\": 2, \"inner\":\n{\"conut\": 1, \"count\": 11}, \"colour\": "
                  "\"blue\", \"pair\": [1], \"on\": 1,\n\"list\": [{\"count\": 0}]}"),
      ElementsAre("ratio: is 2; allowed: a number from 0 to 1 (f, line 2)",
                  "inner.conut: unknown key; did you mean 'count'? (f, line 3)",
                  "inner.count: is 11; allowed: a whole number from 1 to 10 (f, line 3)",
                  "colour: is \"blue\"; allowed: one of red, green (f, line 3)",
                  "pair: is [1]; allowed: a list of 2, each a whole number from 0 to 9 (f, line 3)",
                  "on: is 1; allowed: true or false (f, line 3)",
                  "list[0].count: is 0; allowed: a whole number from 1 to 10 (f, line 4)"));
}

TEST(Config, WholeNumbersMayBeWrittenAsReals) {
  EXPECT_TRUE(problems_of(R"({"inner": {"size_bytes": 1e6}})").empty());
  EXPECT_EQ(problems_of(R"({"inner": {"size_bytes": 1.5}})").size(), 1U);
}

TEST(Config, RefusesIntegersThatDoNotFitTheirType) {
  EXPECT_EQ(problems_of(R"({"small": 3000000000})").size(), 1U);
  EXPECT_TRUE(problems_of(R"({"small": 2000000000})").empty());
}

TEST(Config, AllowsDocumentationEverywhere) {
  EXPECT_TRUE(
      problems_of(
          R"({"$schema": "s", "sources": {"ratio": "chosen"}, "inner": {"source": "paper", "comment": "c"}})")
          .empty());
  EXPECT_EQ(problems_of(R"({"source": 3})").size(), 1U);
}

TEST(Config, NamesTheSameKeyElsewhere) {
  EXPECT_THAT(problems_of(R"({"size_bytes": 3})"),
              ElementsAre(HasSubstr("did you mean 'inner.size_bytes'?")));
}

TEST(Extends, LaysAFileOverAnother) {
  const testing::TemporaryFolder folder;
  folder.write("base.json", R"({"layers": 4, "hidden": 32, "name": "base"})");
  folder.write("sub/middle.json", R"({"extends": "../base.json", "hidden": 48})");
  const std::string top =
      folder.write("top.json", R"({"extends": "sub/middle.json", "name": "top"})");
  const auto network = load<NetworkConfig>(top, std::vector<std::string>{"heads=2"});
  EXPECT_EQ(network.layers, 4);
  EXPECT_EQ(network.hidden, 48);
  EXPECT_EQ(network.name, "top");
  EXPECT_EQ(network.heads, 2);
}

TEST(Extends, NoticesACycle) {
  const testing::TemporaryFolder folder;
  folder.write("a.json", R"({"extends": "./b.json"})");
  const std::string b = folder.write("b.json", R"({"extends": "./a.json"})");
  EXPECT_THAT(error_of([&] { (void)load<NetworkConfig>(b); }),
              HasSubstr("extends itself: b.json -> a.json"));
}

TEST(Extends, StartsFromAShippedName) {
  const testing::TemporaryFolder folder;
  const std::string file = folder.write("n.json", R"({"extends": "llama-2-7b", "layers": 1})");
  const auto network = load<NetworkConfig>(file);
  EXPECT_EQ(network.layers, 1);
  EXPECT_EQ(network.hidden, 4096);
}

Value with(const std::vector<std::string>& overrides) {
  Value value = parse_json(R"({"list": [{"count": 1}, {"count": 2}]})", "f");
  apply_overrides(value, shape_of<OuterSpec>(), overrides);
  return value;
}

TEST(Override, ReachesPartsListsAndStringsWithoutQuotes) {
  const auto spec =
      from_value<OuterSpec>(with({"inner.count=9", "list.1.count=7", "name=plain words",
                                  "colour=green", "pair=[3, 4]", "maybe=null", "named.k=5"}));
  EXPECT_EQ(spec.inner.count, 9);
  EXPECT_EQ(spec.list[1].count, 7);
  EXPECT_EQ(spec.name, "plain words");
  EXPECT_EQ(spec.colour, Colour::green);
  EXPECT_EQ(spec.pair[1], 4);
  EXPECT_EQ(spec.named.at("k"), 5);
}

TEST(Override, NamesTheNearestKeyAndItself) {
  EXPECT_EQ(error_of([] { (void)with({"inner.cuont=9"}); }),
            "inner.cuont: unknown key; did you mean 'count'? (--set inner.cuont=9)");
  EXPECT_EQ(error_of([] { (void)with({"list.2.count=9"}); }),
            "list.2: '2' is no place in this list of 2 (--set list.2.count=9)");
  EXPECT_EQ(error_of([] { (void)with({"=9"}); }), "--set =9: has the form key.path=value");
}

TEST(Override, IsCheckedLikeAFile) {
  EXPECT_EQ(
      error_of([] { (void)from_value<OuterSpec>(with({"inner.count=many"})); }),
      "inner.count: is \"many\"; allowed: a whole number from 1 to 10 (--set inner.count=many)");
}

TEST(Explain, SaysWhatASettingIs) {
  const auto all = explain(shape_of<OuterSpec>(), "inner.count");
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].initial, "5");
  EXPECT_EQ(all[0].allowed, "a whole number from 1 to 10");
  EXPECT_EQ(explain(shape_of<OuterSpec>(), "list")[1].path, "list[].count");
  EXPECT_EQ(explain(shape_of<OuterSpec>(), "list.count")[0].meaning, "how many");
  EXPECT_THAT(error_of([] { (void)explain(shape_of<OuterSpec>(), "inner.x"); }),
              HasSubstr("inner.x: unknown key"));
}

TEST(Schema, SaysTypesRangesAndDefaults) {
  const Value schema = json_schema(shape_of<OuterSpec>(), "outer");
  const Value& properties = *schema.find("properties");
  EXPECT_EQ(*schema.find("additionalProperties")->boolean(), false);
  EXPECT_EQ(
      json_line(*properties.find("ratio")),
      R"json({"type":"number","minimum":0.0,"maximum":1.0,"description":"a ratio (default: chosen)","default":0.5})json");
  EXPECT_EQ(json_line(*properties.find("colour")->find("enum")), R"(["red","green"])");
  EXPECT_EQ(
      *properties.find("inner")->find("properties")->find("count")->find("maximum")->integer(), 10);
}

}  // namespace
}  // namespace razorsim
