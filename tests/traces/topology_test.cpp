// SPDX-License-Identifier: Apache-2.0
// Topology files as they are found: two forms, any header, stray columns, blanks and line ends.
#include "traces/io/topology.h"

#include <gtest/gtest.h>

#include "models/base/errors.h"

namespace razorsim {
namespace {

struct Layer {
  std::string name;
  std::int64_t heads, m, k, n;

  bool operator==(const Layer&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Layer& layer) {
  return out << layer.name << ": " << layer.heads << " x " << layer.m << " " << layer.k << " "
             << layer.n;
}

std::vector<Layer> layers_of(const std::string& text) {
  std::vector<Layer> layers;
  for (const Operation& each : parse_topology(text, "t.csv").layers) {
    EXPECT_EQ(each.kv_heads, each.heads);
    EXPECT_EQ(each.layer, static_cast<int>(layers.size()));
    layers.push_back({each.name, each.heads, each.m, each.k, each.n});
  }
  return layers;
}

const std::string conv_header =
    "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, "
    "Strides,\n";

TEST(Topology, ReadsProducts) {
  EXPECT_EQ(layers_of("Layer,M,N,K,\nattention,128,64,256,\nmlp,1,2,3,\n"),
            (std::vector<Layer>{{"attention", 1, 128, 256, 64}, {"mlp", 1, 1, 3, 2}}));
}

TEST(Topology, LowersConvolutionsByIm2col) {
  EXPECT_EQ(layers_of(conv_header + "c1,10,12,3,5,4,8,1,\n"),
            (std::vector<Layer>{{"c1", 1, 8 * 8, 3 * 5 * 4, 8}}));
  EXPECT_FALSE(parse_topology("Layer,M,N,K,\na,1,1,1,\n", "t").convolutions);
  EXPECT_TRUE(parse_topology(conv_header + "a,1,1,1,1,1,1,1,\n", "t").convolutions);
}

TEST(Topology, AWindowThatReachesOverTheEdgeCounts) {
  // AlexNet's first layer: (224 - 11 + 4) / 4 = 54.25 windows.
  EXPECT_EQ(layers_of(conv_header + "c1,224,224,11,11,3,96,4,\n"),
            (std::vector<Layer>{{"c1", 1, 55 * 55, 11 * 11 * 3, 96}}));
}

TEST(Topology, ADepthWiseLayerIsAProductAChannel) {
  EXPECT_EQ(layers_of(conv_header + "DP_2,7,7,3,3,16,1,2,\n"),
            (std::vector<Layer>{{"DP_2", 16, 3 * 3, 9, 1}}));
}

TEST(Topology, TakesWhatPeopleWrite) {
  const std::vector<Layer> expected = {{"a", 1, 2, 4, 3}, {"b c", 1, 5, 7, 6}};
  for (const char* text : {
           "Layer,M,N,K\na,2,3,4\nb c,5,6,7",                                      // no last comma
           "LAYER NAME , m, N , k ,\r\n a , 2 , 3 , 4 ,\r\n\r\n b c,5,6,7, \r\n",  // Windows
           "\xEF\xBB\xBFLayer,M,N,K,\na,2,3,4,\nb c,5,6,7,\n",  // byte order mark
           "Layer\tM\tN\tK\t\na\t2\t3\t4\t\nb c\t5\t6\t7\t\n",  // tabs
           "Layer,\xC2\xA0M,N,K,\n,,,,\nmodel one,\na,2,3,4,,,#x\n# no\nb c,5,6,7,,,1,2,\n",
           "Layer,M,N,K,\ra,2,3,4,\rb c,5,6,7,\r",  // old Mac
           "Layer;M;N;K;\na;2;3;4;\nb c;5;6;7;\n",  // spreadsheets of half of Europe
       }) {
    EXPECT_EQ(layers_of(text), expected) << text;
  }
}

TEST(Topology, ALayerWithoutANameHasItsNumber) {
  EXPECT_EQ(layers_of("Layer,M,N,K,\n,1,1,1,\n").front().name, "layer 0");
}

TEST(Topology, BatchMultipliesRowsAndTwoStridesAreTwo) {
  EXPECT_EQ(layers_of("Layer,IH,IW,FH,FW,C,N,Strides,Batch Size,\nc,4,4,1,1,2,3,1,5,\n"
                      "d,4,4,1,1,2,3,1,,\n"),
            (std::vector<Layer>{{"c", 1, 80, 2, 3}, {"d", 1, 16, 2, 3}}));
  EXPECT_EQ(layers_of("Layer,IH,IW,FH,FW,C,N,Stride height,Stride width,\nc,4,4,1,1,2,3,2,4,\n"),
            (std::vector<Layer>{{"c", 1, 3 * 2, 2, 3}}));
}

TEST(Topology, SaysWhereSparsityIsLeftOut) {
  EXPECT_FALSE(
      parse_topology("Layer,M,N,K,Sparsity,\na,1,1,1,1:1,\nb,1,1,1,4:4,\nc,1,1,1,\n", "t").sparse);
  EXPECT_TRUE(parse_topology("Layer,M,N,K,Sparsity,\na,1,1,1,2:4,\n", "t").sparse);
}

std::string problem_of(const std::string& text) {
  try {
    (void)parse_topology(text, "t.csv");
  } catch (const ConfigError& error) {
    return error.problems().front().path + ": " + error.problems().front().message;
  }
  return "";
}

TEST(Topology, NamesTheFirstThingWrong) {
  const std::string number = "; allowed: a whole number from 1 to 268435456";
  EXPECT_EQ(problem_of("Layer,M,N,K,\na,1,B,D,\n"), "t.csv, line 2, column 'N': is 'B'" + number);
  EXPECT_EQ(problem_of("Layer,M,N,K,\n\na,1,1,1,\nb,0,1,1,\n"),
            "t.csv, line 4, column 'M': is '0'" + number);
  EXPECT_EQ(problem_of("Layer,M,N,K,\na,1,,2,\n"), "t.csv, line 2, column 'N': is empty" + number);
  EXPECT_EQ(problem_of("Layer,M,N,K,\na,1,2\n"), "t.csv, line 2, column 'K': is missing" + number);
  EXPECT_EQ(problem_of("Layer,M,N,K,\na,1,2,1.5\n"),
            "t.csv, line 2, column 'K': is '1.5'" + number);
  EXPECT_EQ(problem_of("Layer,M,N,K,\na,1,2,99999999999999999999\n"),
            "t.csv, line 2, column 'K': is '99999999999999999999'" + number);
  EXPECT_EQ(problem_of(conv_header + "c,5,5,3,7,1,1,1,\n"),
            "t.csv, line 2, column 'Filter Width': is 7, more than column 'IFMAP Width', which is "
            "5");
  EXPECT_EQ(problem_of(conv_header + "c,100000,100000,1,1,1,1,1,\n"),
            "t.csv, line 2, M (output pixels): of the product is more than 268435456");
}

TEST(Topology, ColumnsInAnotherOrderAreNotGuessed) {
  EXPECT_NE(problem_of("Layer,M,K,N,\na,1,2,3,\n"), "");
  EXPECT_NE(problem_of("a,1,2,3,\nb,1,2,3,\n"), "");
  EXPECT_NE(problem_of("x,y,z\na,1,2\n"), "");
  EXPECT_EQ(problem_of(""), "t.csv: has no header and no layers");
  EXPECT_EQ(problem_of("Layer,M,N,K,\ntitle,,,\n"), "t.csv: has no layers below its header");
}

TEST(Topology, NoFileOfBytesDoesHarm) {
  std::string bytes;
  for (int i = 0; i < 4096; ++i) bytes.push_back(static_cast<char>(i * 37 % 256));
  EXPECT_NE(problem_of(bytes), "");
  EXPECT_NE(problem_of(std::string(3, '\0')), "");
  EXPECT_NE(problem_of(std::string(100000, ',')), "");
}

}  // namespace
}  // namespace razorsim
