// SPDX-License-Identifier: Apache-2.0
#include "sim/machine/child.h"

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include <malloc.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "models/base/errors.h"
#include "sim/machine/archive.h"

namespace razorsim {
namespace {

/// First byte of what a child sends: what the rest is.
enum class Outcome : char { result, config_error, trace_error, defect };

/// A run makes and drops matrices of megabytes. glibc would map each anew, and the fault for each
/// of its pages costs more than filling it; here they come from one heap that is kept, in huge
/// pages where the system gives them.
void prepare_heap() {
#if defined(__GLIBC__) && defined(MADV_HUGEPAGE)
  constexpr std::size_t room = std::size_t{512} << 20;  // of address space, not of memory
  constexpr std::uintptr_t huge_page = std::uintptr_t{2} << 20;
  ::mallopt(M_MMAP_THRESHOLD, 1 << 30);
  ::mallopt(M_TRIM_THRESHOLD, -1);
  ::mallopt(M_TOP_PAD, 64 << 20);
  ::mallopt(M_ARENA_MAX, 1);
  const auto begin = reinterpret_cast<std::uintptr_t>(::sbrk(0));
  void* volatile grown = std::malloc(room);
  std::free(grown);
  const auto end = reinterpret_cast<std::uintptr_t>(::sbrk(0));
  const std::uintptr_t first = (begin + huge_page - 1) / huge_page * huge_page;
  if (first < end) ::madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);
#endif
}

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
  } catch (const std::exception& error) {
    return static_cast<char>(Outcome::defect) + std::string(error.what());
  }
}

std::string read_all(int pipe) {
  std::string bytes;
  char block[1 << 16];
  for (;;) {
    const ssize_t got = ::read(pipe, block, sizeof block);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return bytes;
    bytes.append(block, static_cast<std::size_t>(got));
  }
}

[[noreturn]] void rethrow(Outcome outcome, std::string rest) {
  if (outcome == Outcome::trace_error) throw TraceError(rest);
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

std::string run_in_child(const std::function<std::string()>& work) {
  int pipe[2];
  if (::pipe(pipe) != 0) throw Defect(std::string("no pipe to a child: ") + std::strerror(errno));
  const pid_t child = ::fork();
  if (child < 0) throw Defect(std::string("no child process: ") + std::strerror(errno));
  if (child == 0) {
    ::close(pipe[0]);
    prepare_heap();
    write_all(pipe[1], outcome_of(work));
    ::close(pipe[1]);
    _exit(0);
  }
  ::close(pipe[1]);
  std::string bytes = read_all(pipe[0]);
  ::close(pipe[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status) || bytes.empty()) {
    throw Defect(
        "the simulation's process died" +
        (WIFSIGNALED(status) ? " of signal " + std::to_string(WTERMSIG(status)) : std::string()));
  }
  const auto outcome = static_cast<Outcome>(bytes.front());
  bytes.erase(0, 1);
  if (outcome != Outcome::result) rethrow(outcome, std::move(bytes));
  return bytes;
}

}  // namespace razorsim
