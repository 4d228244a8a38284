// SPDX-License-Identifier: Apache-2.0
#include "sim/machine/child.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <utility>

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "models/base/errors.h"
#include "sim/machine/archive.h"
#include "sim/machine/heap.h"

namespace razorsim {
namespace {

/// First byte of what a child sends: what the rest is.
enum class Outcome : char { result, config_error, trace_error, output_error, defect };

void write_all(int pipe, const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t written = ::write(pipe, bytes.data() + sent, bytes.size() - sent);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) _exit(1);  // the parent is gone; nobody is left to tell
    sent += static_cast<std::size_t>(written);
  }
}

std::string outcome_of(const std::function<std::string()>& work) {
  ArchiveWriter archive;
  try {
    return static_cast<char>(Outcome::result) + work();
  } catch (const ConfigError& error) {
    archive.put(error.problems().size());
    for (const Problem& problem : error.problems()) {
      archive.put(problem.path);
      archive.put(problem.message);
    }
    return static_cast<char>(Outcome::config_error) + archive.bytes();
  } catch (const TraceError& error) {
    return static_cast<char>(Outcome::trace_error) + std::string(error.what());
  } catch (const OutputError& error) {
    return static_cast<char>(Outcome::output_error) + std::string(error.what());
  } catch (const std::exception& error) {
    return static_cast<char>(Outcome::defect) + std::string(error.what());
  }
}

[[noreturn]] void rethrow(Outcome outcome, const std::string& rest) {
  if (outcome == Outcome::trace_error) throw TraceError(rest);
  if (outcome == Outcome::output_error) throw OutputError(rest);
  if (outcome == Outcome::defect) throw Defect(rest);
  ArchiveReader archive(rest);
  std::size_t count = 0;
  archive.get(count);
  std::vector<Problem> problems(count);
  for (Problem& problem : problems) {
    archive.get(problem.path);
    archive.get(problem.message);
  }
  throw ConfigError(std::move(problems));
}

}  // namespace

/// A child at work, and what it has sent so far.
struct ChildPool::Child {
  std::size_t number = 0;
  pid_t process = -1;
  int pipe = -1;
  std::string bytes;
  Taker take;

  /// Takes what it has sent; false once it has closed its end.
  bool receive() {
    char block[1 << 16];
    ssize_t got = 0;
    do {
      got = ::read(pipe, block, sizeof block);
    } while (got < 0 && errno == EINTR);
    if (got <= 0) return false;
    bytes.append(block, static_cast<std::size_t>(got));
    return true;
  }

  /// Waits for its end and hands over what it returned.
  void finish() {
    ::close(pipe);
    int status = 0;
    while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFSIGNALED(status) || bytes.empty()) {
      throw Defect(
          "the simulation's process died" +
          (WIFSIGNALED(status) ? " of signal " + std::to_string(WTERMSIG(status)) : std::string()));
    }
    const auto outcome = static_cast<Outcome>(bytes.front());
    bytes.erase(0, 1);
    if (outcome != Outcome::result) rethrow(outcome, bytes);
    take(std::move(bytes));
  }
};

ChildPool::ChildPool(std::size_t at_once) : at_once_(at_once) {}

ChildPool::~ChildPool() {
  try {
    finish();
  } catch (...) {  // somebody else's fault is on its way already
  }
}

void ChildPool::start(const std::function<std::string()>& work, Taker take) {
  while (running_.size() >= std::max<std::size_t>(1, at_once_)) wait_for_one();
  const std::size_t number = started_++;
  if (fault_) return;
  int pipe[2];
  if (::pipe(pipe) != 0) throw Defect(std::string("no pipe to a child: ") + std::strerror(errno));
  const pid_t process = ::fork();
  if (process < 0) throw Defect(std::string("no child process: ") + std::strerror(errno));
  if (process == 0) {
    ::close(pipe[0]);
    keep_heap();
    write_all(pipe[1], outcome_of(work));
    ::close(pipe[1]);
    _exit(0);
  }
  ::close(pipe[1]);
  running_.push_back({number, process, pipe[0], {}, std::move(take)});
}

void ChildPool::finish() {
  while (!running_.empty()) wait_for_one();
  if (fault_) std::rethrow_exception(std::exchange(fault_, nullptr));
}

void ChildPool::wait_for_one() {
  const std::size_t before = running_.size();
  while (running_.size() == before) {
    std::vector<pollfd> waiting;
    for (const Child& child : running_) waiting.push_back({child.pipe, POLLIN, 0});
    if (::poll(waiting.data(), waiting.size(), -1) < 0) continue;
    for (std::size_t i = running_.size(); i-- > 0;) {
      if (waiting[i].revents == 0 || running_[i].receive()) continue;
      Child ended = std::move(running_[i]);
      running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
      try {
        ended.finish();
      } catch (...) {
        if (!fault_ || ended.number < fault_of_) {
          fault_ = std::current_exception();
          fault_of_ = ended.number;
        }
      }
    }
  }
}

std::string run_in_child(const std::function<std::string()>& work) {
  std::string result;
  ChildPool pool(1);
  pool.start(work, [&](std::string bytes) { result = std::move(bytes); });
  pool.finish();
  return result;
}

}  // namespace razorsim
