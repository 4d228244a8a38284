// SPDX-License-Identifier: Apache-2.0
#include "sim/result/files.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "models/base/errors.h"

namespace razorsim {
namespace {

/// Holds back interrupts while a temporary file exists: the content is in memory, so not for long.
class Undisturbed {
 public:
  Undisturbed() {
    sigset_t interrupts;
    sigemptyset(&interrupts);
    for (const int each : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&interrupts, each);
    pthread_sigmask(SIG_BLOCK, &interrupts, &before_);
  }
  ~Undisturbed() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  Undisturbed(const Undisturbed&) = delete;
  Undisturbed& operator=(const Undisturbed&) = delete;

 private:
  sigset_t before_;
};

[[noreturn]] void fail(const std::filesystem::path& path, int error) {
  throw OutputError(fmt::format("{} can't be written: {}", path.string(), std::strerror(error)));
}

bool write_all(int file, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(file, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

void write_file(const std::filesystem::path& path, std::string_view content) {
  const Undisturbed undisturbed;
  std::string temporary = fmt::format("{}.XXXXXX", path.string());
  const int file = ::mkstemp(temporary.data());
  if (file < 0) fail(path, errno);
  // mkstemp makes a private file; a result is as readable as any other the user makes.
  const mode_t mask = ::umask(0);
  ::umask(mask);
  bool good = ::fchmod(file, 0666 & ~mask) == 0 && write_all(file, content);
  int error = errno;
  if (::close(file) != 0 && good) {
    good = false;
    error = errno;
  }
  if (good && std::rename(temporary.c_str(), path.c_str()) == 0) return;
  if (good) error = errno;
  ::unlink(temporary.c_str());
  fail(path, error);
}

void make_folder(const std::filesystem::path& folder) {
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure)
    throw OutputError(
        fmt::format("folder {} can't be made: {}", folder.string(), failure.message()));
}

}  // namespace razorsim
