// SPDX-License-Identifier: Apache-2.0
#include "sim/config/json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/base/errors.h"

namespace razorsim {
namespace {

constexpr std::size_t deepest = 64;

/// Reads a text and counts its lines in a counter of the reader, since the parser doesn't say
/// where it is.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, int* line) : at_(at), line_(line) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    if (*at_ == '\n') ++*line_;
    ++at_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator old = *this;
    ++*this;
    return old;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }
  bool operator!=(const CountingIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  int* line_;
};

/// Builds a Value from the parser's events.
class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  Builder(const std::string& source, const int* line)
      : source_(std::make_shared<const std::string>(source)), line_(line) {}

  bool null() override { return add(Value()); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(std::int64_t{value}); }
  bool number_unsigned(number_unsigned_t value) override {
    if (value > std::uint64_t{INT64_MAX}) return add(static_cast<double>(value));
    return add(static_cast<std::int64_t>(value));
  }
  bool number_float(number_float_t value, const string_t&) override { return add(value); }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(JsonObject{}); }
  bool start_array(std::size_t) override { return open(JsonArray{}); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    if (open_.back()->find(name)) {
      throw ConfigError(*source_,
                        fmt::format("line {}: key \"{}\" is written twice", *line_, name));
    }
    open_.back()->object()->push_back({std::move(name), Value(), {source_, *line_}});
    return true;
  }

  bool parse_error(std::size_t, const std::string&,
                   const nlohmann::detail::exception& error) override {
    std::string text = error.what();
    // "[json.exception.parse_error.101] parse error at line 3, column 5: syntax error while ..."
    if (const auto end = text.find("] "); end != text.npos) text.erase(0, end + 2);
    if (text.rfind("parse error at ", 0) == 0) text.erase(0, 15);
    std::replace(text.begin(), text.end(), '\n', ' ');
    throw ConfigError(*source_, text);
  }

  [[nodiscard]] Value take() { return std::move(root_); }

 private:
  Value& place(Value value) {
    if (open_.empty()) return root_ = std::move(value);
    if (JsonArray* list = open_.back()->array()) return list->emplace_back(std::move(value));
    return open_.back()->object()->back().value = std::move(value);
  }
  bool add(Value value) {
    place(std::move(value));
    return true;
  }
  bool open(Value value) {
    if (open_.size() == deepest) {
      throw ConfigError(*source_, fmt::format("line {}: nested deeper than {}", *line_, deepest));
    }
    open_.push_back(&place(std::move(value)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  std::shared_ptr<const std::string> source_;
  const int* line_;
  Value root_;
  // Containers being filled, outermost first. Growing one never moves an enclosing one, and the
  // innermost is the only one that grows, so the pointers hold.
  std::vector<Value*> open_;
};

/// Bytes of the character that `text` starts with; 0 where it starts with no UTF-8.
std::size_t character_bytes(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t count = lead < 0xC2   ? 0
                            : lead < 0xE0 ? 2
                            : lead < 0xF0 ? 3
                            : lead < 0xF5 ? 4
                                          : 0;
  if (count == 0 || count > text.size()) return 0;
  for (std::size_t i = 1; i < count; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  // Longer than need be, a surrogate, or beyond the last character.
  const bool wrong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xED && byte(1) > 0x9F) ||
                     (lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) > 0x8F);
  return wrong ? 0 : count;
}

/// JSON is UTF-8; file names and what people call their layers may be any bytes.
void write_string(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t count = character_bytes(text.substr(at));
    if (count != 1) {
      out += count == 0 ? "\\ufffd" : text.substr(at, count);
      at += std::max<std::size_t>(count, 1);
      continue;
    }
    const char c = text[at++];
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\t': out += "\\t"; break;
      case '\r': out += "\\r"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += fmt::format("\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

void write_real(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  const std::string_view text(digits, static_cast<std::size_t>(end - digits));
  out += text;
  if (text.find_first_of(".e") == text.npos) out += ".0";  // stays a real for whoever reads it
}

bool is_container(const Value& value) { return value.array() || value.object(); }

void write(std::string& out, const Value& value, int level, bool pretty);

void line_break(std::string& out, int level, bool pretty) {
  if (!pretty) return;
  out += '\n';
  out.append(2 * static_cast<std::size_t>(level), ' ');
}

void write_array(std::string& out, const JsonArray& list, int level, bool pretty) {
  const bool broken = pretty && std::any_of(list.begin(), list.end(), is_container);
  out += '[';
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (i > 0) out += pretty && !broken ? ", " : ",";
    if (broken) line_break(out, level + 1, pretty);
    write(out, list[i], level + 1, pretty);
  }
  if (broken) line_break(out, level, pretty);
  out += ']';
}

void write_object(std::string& out, const JsonObject& members, int level, bool pretty) {
  out += '{';
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (i > 0) out += ',';
    line_break(out, level + 1, pretty);
    write_string(out, members[i].key);
    out += pretty ? ": " : ":";
    write(out, members[i].value, level + 1, pretty);
  }
  if (!members.empty()) line_break(out, level, pretty);
  out += '}';
}

void write(std::string& out, const Value& value, int level, bool pretty) {
  if (const JsonArray* list = value.array()) return write_array(out, *list, level, pretty);
  if (const JsonObject* members = value.object()) return write_object(out, *members, level, pretty);
  if (const bool* truth = value.boolean()) {
    out += *truth ? "true" : "false";
  } else if (const std::int64_t* whole = value.integer()) {
    out += fmt::format_int(*whole).c_str();
  } else if (const double* real = value.real()) {
    write_real(out, *real);
  } else if (const std::string* text = value.text()) {
    write_string(out, *text);
  } else {
    out += "null";
  }
}

}  // namespace

Value parse_json(std::string_view text, const std::string& source) {
  int line = 1;
  Builder builder(source, &line);
  nlohmann::json::sax_parse(CountingIterator(text.data(), &line),
                            CountingIterator(text.data() + text.size(), &line), &builder);
  return builder.take();
}

Value read_json_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file || file.bad() || std::filesystem::is_directory(path)) {
    throw ConfigError(path.string(), "can't be read");
  }
  return parse_json(text, path.string());
}

std::string json_text(const Value& value) {
  std::string out;
  write(out, value, 0, true);
  return out;
}

std::string json_line(const Value& value) {
  std::string out;
  write(out, value, 0, false);
  return out;
}

}  // namespace razorsim
