// SPDX-License-Identifier: Apache-2.0
#include "sim/app/tokenizer.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "models/base/errors.h"
#include "sim/config/locate.h"
#include "traces/io/token_ids.h"

namespace razorsim {
namespace {

constexpr int not_started = 127;  // as a shell reports a program that is not there

std::string find_tools() {
  if (const char* given = std::getenv("RAZORSIM_TOOLS"); given != nullptr && *given != '\0')
    return given;
  for (const auto& root : shipped_roots()) {
    const auto own = root / ".venv/bin/razorsim-tools";
    if (std::filesystem::exists(own)) return own.string();
  }
  return "razorsim-tools";
}

struct Finished {
  int code = 0;
  std::string output;
  std::string complaints;
};

/// Runs a program with nothing on its standard input and keeps what it prints.
Finished run_program(const std::vector<std::string>& words) {
  std::array<std::array<int, 2>, 2> pipes{};
  for (auto& ends : pipes) {
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw Defect("a pipe cannot be made");
  }
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const pid_t child = ::fork();
  if (child < 0) throw Defect("a process cannot be started");
  if (child == 0) {
    const int nothing = ::open("/dev/null", O_RDONLY);
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(pipes[0][1], STDOUT_FILENO);
    ::dup2(pipes[1][1], STDERR_FILENO);
    ::execvp(argv[0], argv.data());
    ::_exit(not_started);
  }
  Finished finished;
  const std::array<std::string*, 2> texts{&finished.output, &finished.complaints};
  std::array<pollfd, 2> open_ends{};
  for (std::size_t i = 0; i < 2; ++i) {
    ::close(pipes[i][1]);
    open_ends[i] = {pipes[i][0], POLLIN, 0};
  }
  while (open_ends[0].fd >= 0 || open_ends[1].fd >= 0) {
    if (::poll(open_ends.data(), open_ends.size(), -1) < 0 && errno != EINTR) break;
    for (std::size_t i = 0; i < 2; ++i) {
      if (open_ends[i].fd < 0 || open_ends[i].revents == 0) continue;
      std::array<char, 65536> part;
      const ssize_t count = ::read(open_ends[i].fd, part.data(), part.size());
      if (count < 0 && errno == EINTR) continue;
      if (count > 0) {
        texts[i]->append(part.data(), static_cast<std::size_t>(count));
      } else {
        ::close(open_ends[i].fd);
        open_ends[i].fd = -1;  // poll skips it
      }
    }
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  finished.code = WIFEXITED(status) ? WEXITSTATUS(status) : not_started;
  return finished;
}

/// The last line that is not empty: of a Python traceback the one that says what happened.
std::string last_line(const std::string& text) {
  const std::size_t end = text.find_last_not_of("\r\n");
  if (end == std::string::npos) return "no message";
  const std::size_t begin = text.find_last_of('\n', end);
  return text.substr(begin == std::string::npos ? 0 : begin + 1,
                     end - (begin == std::string::npos ? 0 : begin + 1) + 1);
}

}  // namespace

std::vector<std::int32_t> token_ids(const std::string& model, const std::string& text,
                                    const std::string& option) {
  if (text.ends_with(".json")) return read_token_ids(text);
  const std::string tools = find_tools();
  const Finished finished = run_program({tools, "tokenize", "--model", model, "--text", text});
  if (finished.code == not_started) {
    throw ConfigError(
        option,
        fmt::format("is text, which needs {} to become token ids, and that does not run; "
                    "allowed: run tools/setup, set RAZORSIM_TOOLS, or give ids in a .json file",
                    tools));
  }
  if (finished.code != 0) {
    throw TraceError(fmt::format("{}: no token ids: {}", text, last_line(finished.complaints)));
  }
  return parse_token_ids(finished.output, text);
}

}  // namespace razorsim
