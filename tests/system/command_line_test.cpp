// SPDX-License-Identifier: Apache-2.0
// The program as its users meet it: every shipped config, every command of the README and of the
// help, the same bytes twice, documents that say what the program says.
#include <algorithm>
#include <filesystem>
#include <sstream>
#include <thread>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/run_program.h"

namespace razorsim::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

const fs::path source = RAZORSIM_TEST_SOURCE_DIR;

ProgramRun razorsim(const std::vector<std::string>& arguments, const std::string& input = "",
                    const fs::path& folder = ".") {
  return run_program(RAZORSIM_PROGRAM, arguments, input, folder);
}

/// A shell finds the program as `razorsim`, wherever it was built.
ProgramRun shell(const std::string& command, const fs::path& folder) {
  const std::string path = fs::path(RAZORSIM_PROGRAM).parent_path();
  return run_program("/bin/sh", {"-c", "PATH=" + path + ":$PATH\n" + command}, "", folder);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> command_names() {
  return {"run",   "compare",  "gemm",    "capture",  "eval", "dram",
          "razor", "razoring", "explain", "validate", "list"};
}

TEST(CommandLine, HelpNamesEveryCommandAndEachHasExamples) {
  const auto help = razorsim({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_EQ(help.error, "");
  for (const std::string& name : command_names()) {
    EXPECT_THAT(help.out, HasSubstr("\n  " + name + " "));
    const auto own = razorsim({name, "--help"});
    EXPECT_EQ(own.exit_code, 0) << name;
    EXPECT_THAT(own.out, HasSubstr("examples:\n  ")) << name;
    EXPECT_THAT(own.out, HasSubstr("razorsim " + name)) << name;
  }
}

TEST(CommandLine, TellsItsVersion) {
  const auto version = razorsim({"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_THAT(version.out, ::testing::MatchesRegex("razorsim [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST(CommandLine, EveryShippedConfigIsValid) {
  int count = 0;
  for (const char* folder : {"machines", "networks", "schemes", "dram", "technology"}) {
    for (const auto& entry : fs::directory_iterator(source / "configs" / folder)) {
      if (entry.path().extension() != ".json") continue;
      const auto run = razorsim({"validate", entry.path()});
      EXPECT_EQ(run.exit_code, 0) << entry.path() << ": " << run.error;
      const auto by_name = razorsim({"validate", entry.path().stem(), "--json"});
      EXPECT_EQ(by_name.exit_code, 0) << entry.path();
      EXPECT_TRUE(nlohmann::json::accept(by_name.out)) << entry.path();
      ++count;
    }
  }
  EXPECT_GE(count, 20);
}

TEST(CommandLine, AResolvedMachineIsAMachineAgain) {
  const TemporaryFolder folder;
  const auto first = razorsim({"validate", "default", "--json"});
  folder.write("m.json", first.out);
  const auto second = razorsim({"validate", "./m.json", "--json"}, "", folder.path());
  EXPECT_EQ(second.out, first.out) << second.error;
}

TEST(CommandLine, ListsAreNotEmpty) {
  for (const char* what :
       {"formats", "schemes", "units", "devices", "machines", "technologies", "networks"}) {
    const auto list = razorsim({"list", what, "--json"});
    EXPECT_EQ(list.exit_code, 0) << what << list.error;
    EXPECT_FALSE(nlohmann::json::parse(list.out).empty()) << what;
  }
}

TEST(CommandLine, RazorsTheExampleOfTheArithmetic) {
  // or = 303, leading one 8, flag 6; 300 >> 6 = 4 and bit 5 is set, so 5.
  const auto run = razorsim({"razor", "--bits", "16", "--group", "4", "--json"},
                            R"({"values": [1, -300, 7, 0]})");
  EXPECT_EQ(nlohmann::json::parse(run.out),
            nlohmann::json::parse(
                R"({"mantissas": [0, -5, 0, 0], "flags": [6], "values": [0, -320, 0, 0]})"));
}

TEST(CommandLine, MultipliesOperandsOfAFile) {
  // One group each: a razors to 5 << 6 and 0, w to 3 and -2, both exact below 8.
  const TemporaryFolder folder;
  folder.write("f.json", R"({"a": [[300, 0], [1, 2]], "w": [[3, -2]], "bits_a": 16, "bits_w": 8})");
  const auto run = razorsim({"gemm", "--operands", "f.json", "--scheme", "W4A4:g16", "--json"}, "",
                            folder.path());
  ASSERT_EQ(run.exit_code, 0) << run.error;
  EXPECT_EQ(run.error, "");
  EXPECT_EQ(nlohmann::json::parse(run.out).at("accumulators"),
            nlohmann::json::parse("[[960], [-1]]"));
}

TEST(CommandLine, TakesTheSameCyclesWithAndWithoutValues) {
  const std::vector<std::string> shape = {"gemm", "--m", "20",     "--k", "200",
                                          "--n",  "33",  "--seed", "7",   "--json"};
  auto on = shape, off = shape;
  on.insert(on.end(), {"--values", "on"});
  off.insert(off.end(), {"--values", "off"});
  const auto with = nlohmann::json::parse(razorsim(on).out);
  const auto without = nlohmann::json::parse(razorsim(off).out);
  EXPECT_EQ(with.at("totals").at("cycles"), without.at("totals").at("cycles"));
  EXPECT_EQ(with.at("operations").at(0).at("stall_cycles"),
            without.at("operations").at(0).at("stall_cycles"));
  EXPECT_TRUE(with.at("output_sha256").is_string());
  EXPECT_TRUE(without.at("output_sha256").is_null());
}

TEST(CommandLine, WritesTheSameBytesTwiceOnAnyNumberOfThreads) {
  const TemporaryFolder folder;
  for (const char* threads : {"1", "3"}) {
    const auto run = razorsim({"gemm", "--m", "33", "--k", "300", "--n", "40", "--seed", "3",
                               "--threads", threads, "--out", std::string("out") + threads},
                              "", folder.path());
    ASSERT_EQ(run.exit_code, 0) << run.error;
  }
  for (const char* file : {"result.json", "operations.csv", "summary.txt", "timeline.json"}) {
    const std::string first = read_file(folder.path() / "out1" / file);
    EXPECT_FALSE(first.empty()) << file;
    EXPECT_EQ(first, read_file(folder.path() / "out3" / file)) << file;
  }
}

TEST(CommandLine, ComparesSchemesOfANetwork) {
  const TemporaryFolder folder;
  const auto run = razorsim({"compare", "--network", "smollm2-135m", "--layers", "0-0", "--prompt",
                             "32", "--schemes", "sdr4,int8,int16x8", "--out", "duel", "--json"},
                            "", folder.path());
  ASSERT_EQ(run.exit_code, 0) << run.error;
  const auto json = nlohmann::json::parse(run.out);
  ASSERT_EQ(json.at("schemes").size(), 3U);
  EXPECT_EQ(json.at("schemes").at(0).at("relative").at("cycles"), 1.0);
  EXPECT_GT(json.at("schemes").at(1).at("totals").at("dram_read_bytes"),
            json.at("schemes").at(0).at("totals").at("dram_read_bytes"));
  EXPECT_EQ(read_file(folder.path() / "duel/comparison.json"), run.out);
  EXPECT_TRUE(fs::exists(folder.path() / "duel/int8/result.json"));
}

TEST(CommandLine, ComparesAtEqualArea) {
  const auto run = razorsim({"compare", "--schemes", "sdr4,int8", "--at", "equal-area", "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.error;
  const auto json = nlohmann::json::parse(run.out);
  const auto& sdr = json.at("schemes").at(0);
  const auto& int8 = json.at("schemes").at(1);
  EXPECT_NEAR(int8.at("relative").at("area_um2").get<double>(), 1, 0.01);
  EXPECT_NEAR(int8.at("held").at("difference").get<double>() + 1,
              int8.at("relative").at("area_um2").get<double>(), 1e-12);
  EXPECT_LT(int8.at("array").at("rows"), sdr.at("array").at("rows"));
  EXPECT_EQ(int8.at("spec").at("machine").at("array").at("rows"), int8.at("array").at("rows"));
}

TEST(CommandLine, ComparesAtEqualBandwidth) {
  const auto run =
      razorsim({"compare", "--schemes", "sdr4,int8", "--at", "equal-bandwidth", "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.error;
  const auto json = nlohmann::json::parse(run.out);
  // Bytes a cycle of the array's work, from the operations themselves.
  const auto asked = [](const nlohmann::json& scheme) {
    double busy = 0;
    for (const auto& each : scheme.at("operations"))
      busy += each.at("array_busy_cycles").get<double>();
    const auto& totals = scheme.at("totals");
    return (totals.at("dram_read_bytes").get<double>() +
            totals.at("dram_write_bytes").get<double>()) /
           busy;
  };
  const double reference = asked(json.at("schemes").at(0));
  EXPECT_NEAR(asked(json.at("schemes").at(1)) / reference, 1, 0.1);
  EXPECT_NEAR(json.at("schemes").at(1).at("held").at("value").get<double>(),
              asked(json.at("schemes").at(1)), 1e-9);
}

TEST(CommandLine, ComparesAtEqualError) {
  const auto run = razorsim({"compare", "--schemes", "sdr4,int8", "--at", "equal-error", "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.error;
  const auto json = nlohmann::json::parse(run.out);
  const auto sqnr = [&](int i) {
    return json.at("schemes").at(i).at("error").at("sqnr_db").get<double>();
  };
  EXPECT_GE(sqnr(1), sqnr(0));
  EXPECT_EQ(json.at("schemes").at(1).at("formats"),
            json.at("schemes").at(1).at("provenance").at("scheme"));
  // The other way round no variant of SDR reaches INT8, and the result says so. Not every variant
  // takes every suffix, and a scheme from a file has no name to vary.
  const TemporaryFolder folder;
  folder.write("own.json", R"({"extends": "W8A8", "name": "own"})");
  const auto back =
      razorsim({"compare", "--schemes", "int8,sdr4:head_dim,./own.json", "--at", "equal-error"}, "",
               folder.path());
  ASSERT_EQ(back.exit_code, 0) << back.error;
  EXPECT_NE(back.out.find("none of its variants reaches"), std::string::npos) << back.out;
}

TEST(CommandLine, AnEnergyWithoutNumbersStandsBesideTheErrorOfTheShippedTrace) {
  const auto run = razorsim({"compare", "--network", "smollm2-135m", "--layers", "0-0", "--prompt",
                             "16", "--schemes", "sdr4,int8", "--json"});
  const auto own = razorsim({"compare", "--schemes", "sdr4,int8", "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.error;
  const auto borrowed = nlohmann::json::parse(run.out).at("schemes").at(0);
  const auto computed = nlohmann::json::parse(own.out).at("schemes").at(0);
  EXPECT_EQ(borrowed.at("error").at("sqnr_db"), computed.at("totals").at("sqnr_db"));
  EXPECT_EQ(borrowed.at("error").at("own"), false);
  EXPECT_EQ(computed.at("error").at("own"), true);
  EXPECT_EQ(borrowed.at("totals").at("sqnr_db"), nullptr);
}

TEST(CommandLine, EnergiesOfADramWithoutASourceAreNull) {
  const auto energy_of = [](const std::string& device) {
    const auto run = razorsim({"dram", "--device", device, "--trace", "/dev/stdin", "--json"},
                              "0 W 1000\n20000 R 0\n");
    EXPECT_EQ(run.exit_code, 0) << run.error;
    return nlohmann::json::parse(run.out).at("counters").at("energy");
  };
  const nlohmann::json all = energy_of("ddr4-3200"), pins = energy_of("lpddr5-6400"),
                       core = energy_of("gddr6"), none = energy_of("ddr5-4800");
  for (const auto& [key, figure] : all.items()) {
    EXPECT_GT(figure.get<double>(), 0) << key;
    const bool of_pins = key.rfind("io", 0) == 0;
    EXPECT_EQ(pins.at(key).is_null(), !of_pins) << key;
    EXPECT_EQ(core.at(key).is_null(), of_pins || key == "total_pj") << key;
    EXPECT_TRUE(none.at(key).is_null()) << key;
  }
}

TEST(CommandLine, ATruncatedTraceIsExitThreeAndOneLine) {
  const TemporaryFolder folder;
  for (const auto& entry : fs::directory_iterator(source / "traces/data")) {
    if (entry.path().extension() != ".safetensors") continue;
    const std::string whole = read_file(entry.path());
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{7}, whole.size() / 2, whole.size() - 1}) {
      folder.write("t.safetensors", whole.substr(0, size));
      const auto run =
          razorsim({"run", "--trace", "t.safetensors", "--values", "off"}, "", folder.path());
      EXPECT_EQ(run.exit_code, 3) << size;
      EXPECT_EQ(lines_of(run.error).size(), 1U) << run.error;
    }
  }
}

TEST(CommandLine, OutputThatCannotBeWrittenIsExitTwo) {
  const auto run = shell("razorsim list formats > /dev/full", ".");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.error, "razorsim: standard output can't be written: No space left on device\n");
}

TEST(CommandLine, AnInterruptLeavesNoFile) {
  const TemporaryFolder folder;
  const pid_t child = fork();
  if (child == 0) {
    setpgid(0, 0);
    if (chdir(folder.path().c_str()) != 0) _exit(126);
    const int nothing = open("/dev/null", O_WRONLY);
    dup2(nothing, 1);
    dup2(nothing, 2);
    execl(RAZORSIM_PROGRAM, RAZORSIM_PROGRAM, "run", "--network", "llama-2-70b", "--phase",
          "generate", "--generate", "64", "--out", "out", static_cast<char*>(nullptr));
    _exit(127);
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  kill(-child, SIGINT);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

/// Commands in the fenced or indented code of a document.
std::vector<std::string> commands_in(const std::string& markdown) {
  std::vector<std::string> commands;
  for (const std::string& line : lines_of(markdown)) {
    const auto begin = line.find_first_not_of(' ');
    if (begin == line.npos) continue;
    std::string command = line.substr(begin);
    if (command.rfind("$ ", 0) == 0) command = command.substr(2);
    if (const auto build = command.find("build/release/razorsim "); build == 0)
      command = command.substr(14);
    if (command.rfind("razorsim ", 0) != 0 && command.find("| razorsim ") == command.npos) continue;
    if (const auto comment = command.find("  #"); comment != command.npos) command.resize(comment);
    commands.push_back(command);
  }
  return commands;
}

TEST(CommandLine, EveryCommandOfTheReadmeRuns) {
  const TemporaryFolder folder;
  for (const std::string& command : commands_in(read_file(source / "README.md"))) {
    const auto run = shell(command, folder.path());
    EXPECT_EQ(run.exit_code, 0) << command << "\n" << run.error;
  }
}

/// What stands between "<!-- generated: razorsim X -->" and "<!-- end -->" is what X prints.
void expect_current(const fs::path& document) {
  const std::string text = read_file(document);
  const std::string begin = "<!-- generated: razorsim ", close = " -->\n", end = "<!-- end -->";
  int blocks = 0;
  for (std::size_t at = 0; (at = text.find(begin, at)) != text.npos; ++blocks) {
    const std::size_t command_end = text.find(close, at);
    const std::string command = text.substr(at + begin.size(), command_end - at - begin.size());
    const std::size_t from = command_end + close.size();
    const std::size_t to = text.find(end, from);
    ASSERT_NE(to, text.npos) << document;
    EXPECT_EQ(text.substr(from, to - from), shell("razorsim " + command, ".").out)
        << document << " is out of date: tools/golden.py --update";
    at = to;
  }
  EXPECT_GT(blocks, 0) << document;
}

TEST(Documents, SayWhatTheProgramSays) {
  expect_current(source / "docs/commands.md");
  expect_current(source / "docs/results.md");
}

TEST(Documents, SchemasAreThoseOfTheCode) {
  for (const char* kind : {"machine", "network", "scheme", "dram", "technology"}) {
    EXPECT_EQ(read_file(source / "configs/schema" / (std::string(kind) + ".schema.json")),
              razorsim({"explain", kind, "--schema"}).out)
        << kind << ": tools/golden.py --update";
  }
}

}  // namespace
}  // namespace razorsim::testing
