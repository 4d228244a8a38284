// SPDX-License-Identifier: Apache-2.0
#include "sim/app/console.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fmt/format.h>
#include <unistd.h>

#include "models/base/errors.h"

namespace razorsim {

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) {
    throw OutputError(fmt::format("standard output can't be written: {}", std::strerror(errno)));
  }
}

void flush_output() {
  if (std::fflush(stdout) != 0) {
    throw OutputError(fmt::format("standard output can't be written: {}", std::strerror(errno)));
  }
}

void print_error(std::string_view line) {
  std::string text = "razorsim: ";
  for (const char c : line) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      text += fmt::format("\\x{:02x}", static_cast<unsigned>(byte));
    } else {
      text += c;
    }
  }
  text += '\n';
  std::fwrite(text.data(), 1, text.size(), stderr);
}

std::string read_standard_input() {
  std::string text;
  char part[65536];
  while (true) {
    const auto got = std::fread(part, 1, sizeof part, stdin);
    if (got == 0) break;
    text.append(part, got);
  }
  if (std::ferror(stdin)) {
    throw ConfigError("standard input", fmt::format("can't be read: {}", std::strerror(errno)));
  }
  return text;
}

Progress::Progress(std::string_view what, bool quiet)
    : what_(what), active_(!quiet && isatty(STDERR_FILENO)) {}

Progress::~Progress() {
  if (drawn_) std::fputs("\r\033[K", stderr);
}

void Progress::show(double done, double all) {
  constexpr int width = 40;
  if (!active_ || all <= 0) return;
  const int percent = static_cast<int>(100 * done / all);
  if (percent == last_) return;
  last_ = percent;
  drawn_ = true;
  const int filled = percent * width / 100;
  fmt::print(stderr, "\r\033[K{} [{:#<{}}{:<{}}] {:3} %", what_, "", filled, "", width - filled,
             percent);
  std::fflush(stderr);
}

}  // namespace razorsim
