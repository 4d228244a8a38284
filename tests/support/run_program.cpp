// SPDX-License-Identifier: Apache-2.0
#include "tests/support/run_program.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace razorsim::testing {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void become(const std::string& program, const std::vector<std::string>& arguments,
                         const fs::path& folder, const fs::path& streams) {
  const int in = open((streams / "in").c_str(), O_RDONLY);
  const int out = open((streams / "out").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const int error = open((streams / "error").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  dup2(in, 0);
  dup2(out, 1);
  dup2(error, 2);
  if (chdir(folder.c_str()) != 0) _exit(126);
  std::vector<char*> words = {const_cast<char*>(program.c_str())};
  for (const std::string& each : arguments) words.push_back(const_cast<char*>(each.c_str()));
  words.push_back(nullptr);
  execv(program.c_str(), words.data());
  _exit(127);
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string name = (fs::temp_directory_path() / "razorsim-test-XXXXXX").string();
  if (!mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string TemporaryFolder::write(const std::string& name, const std::string& content) const {
  fs::create_directories((path_ / name).parent_path());
  std::ofstream(path_ / name, std::ios::binary) << content;
  return path_ / name;
}

ProgramRun run_program(const std::string& program, const std::vector<std::string>& arguments,
                       const std::string& input, const fs::path& folder) {
  const TemporaryFolder streams;
  streams.write("in", input);
  const pid_t child = fork();
  if (child == 0) become(program, arguments, folder, streams.path());
  int status = 0;
  waitpid(child, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
          read_file(streams.path() / "out"), read_file(streams.path() / "error")};
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace razorsim::testing
