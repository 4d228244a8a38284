// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/dram_address.h"

#include <set>
#include <tuple>

#include <gtest/gtest.h>

namespace razorsim {
namespace {

DramSpec mapped(std::string mapping, std::vector<std::string> hash = {}) {
  DramSpec spec;
  spec.controller.mapping = std::move(mapping);
  spec.controller.hash = std::move(hash);
  return spec;
}

std::string refusal(const DramSpec& spec) {
  try {
    (void)AddressMap(spec);
  } catch (const ConfigError& error) {
    return error.problems().at(0).path + " " + error.problems().at(0).message;
  }
  return "";
}

TEST(DramAddress, NamesMeanTheSlicesOfThePublicComparison) {
  EXPECT_EQ(AddressMap(mapped("ro-ba-bg-co")).slices(), "line6 co7 bg2 ba2 ro16");
  EXPECT_EQ(AddressMap(mapped("ro-ba-co-bg-64B")).slices(), "line6 bg2 co7 ba2 ro16");
  DramSpec hbm = mapped("ro-ba-co-bg-64B");
  hbm.organisation.row = Bytes(1024);
  hbm.organisation.burst_length = 4;
  EXPECT_EQ(AddressMap(hbm).slices(), "line5 co1 bg2 co4 ba2 ro16");
  DramSpec ranks = mapped("ro-ba-bg-co");
  ranks.organisation.ranks = 2;
  EXPECT_EQ(AddressMap(ranks).slices(), "line6 co7 bg2 ba2 ra1 ro16");
}

TEST(DramAddress, DecodesBitByBit) {
  const AddressMap map(mapped("line6 co3 bg2 co4 ba2 ro16"));
  const DramAddress place =
      map.decode((std::uint64_t{5} << 17) | (2u << 15) | (9u << 11) | (3u << 9) | (6u << 6) | 17);
  EXPECT_EQ(place.row, 5);
  EXPECT_EQ(place.bank, 3 * 4 + 2);  // bank group 3, bank 2
  EXPECT_EQ(place.column, 9 * 8 + 6);
}

TEST(DramAddress, DistinctAddressesStayDistinctUnderHashing) {
  DramSpec spec = mapped("ro-ba-bg-co", {"bg0^ro0", "ba1^ro3", "bg1^co2", "ch0^ro1"});
  spec.organisation.channels = 2;
  spec.organisation.rows = 16;
  const AddressMap map(spec);
  std::set<std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t>> seen;
  const std::uint64_t lines = map.capacity() / 64;
  for (std::uint64_t line = 0; line < lines; ++line) {
    const DramAddress place = map.decode(line * 64);
    seen.emplace(place.channel, place.bank, place.row, place.column);
  }
  EXPECT_EQ(seen.size(), lines);
}

TEST(DramAddress, AnyNumberOfChannelsTakesTurnsByBlocks) {
  DramSpec spec = mapped("ro-ba-bg-co");
  spec.organisation.channels = 3;
  const AddressMap map(spec);
  for (std::uint64_t block = 0; block < 9; ++block) {
    EXPECT_EQ(map.decode(block * 256 + 64).channel, static_cast<std::int64_t>(block % 3));
  }
  EXPECT_EQ(map.decode(3 * 256).column, 4);  // the second block of channel 0
}

TEST(DramAddress, RefusesMappingsThatDoNotFitTheDevice) {
  EXPECT_EQ(refusal(mapped("line6 co7 bg2 ba2 ro15")),
            "controller.mapping is 'line6 co7 bg2 ba2 ro15'; it has 15 bits of ro, the device 16");
  EXPECT_NE(refusal(mapped("ro-ba-xx-co")).find("'xx' is no field"), std::string::npos);
  EXPECT_NE(refusal(mapped("co7 line6 bg2 ba2 ro16")).find("must begin with line6"),
            std::string::npos);
  EXPECT_NE(refusal(mapped("ro-ba-co-bg-48B")).find("power of two"), std::string::npos);
  EXPECT_NE(refusal(mapped("ro-ba-bg-co", {"bg7^ro0"})).find("'bg7' is no bit"), std::string::npos);
  EXPECT_NE(refusal(mapped("ro-ba-bg-co", {"ro0^bg0"})).find("allowed: a ch, ra, ba or bg bit"),
            std::string::npos);
}

}  // namespace
}  // namespace razorsim
