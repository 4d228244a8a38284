// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/dram_address.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

namespace razorsim {

namespace {

constexpr std::string_view mapping_path = "controller.mapping";

[[noreturn]] void refuse(std::string_view path, std::string_view text, std::string_view why) {
  throw ConfigError(std::string(path), fmt::format("is '{}'; {}", text, why));
}

std::uint32_t log2_of(std::int64_t count, std::string_view path) {
  if (!std::has_single_bit(static_cast<std::uint64_t>(count))) {
    throw ConfigError(std::string(path), fmt::format("is {}; allowed: a power of two", count));
  }
  return static_cast<std::uint32_t>(std::countr_zero(static_cast<std::uint64_t>(count)));
}

/// -1 where `count` is no power of two.
int shift_of(std::uint64_t count) {
  return std::has_single_bit(count) ? std::countr_zero(count) : -1;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end > 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

AddressMap::AddressMap(const DramSpec& spec)
    : channels_(static_cast<std::uint64_t>(spec.organisation.all_channels())),
      interleave_(static_cast<std::uint64_t>(spec.controller.channel_interleave.count())),
      channel_capacity_(static_cast<std::uint64_t>(spec.organisation.channel_capacity().count())),
      channel_shift_(shift_of(channels_)),
      interleave_shift_(shift_of(interleave_)) {
  const DramOrganisation& o = spec.organisation;
  std::array<std::uint32_t, part_count> bits{};
  bits[line] = log2_of(o.transaction().count(), "organisation.burst_length");
  bits[column] = log2_of(o.row / o.transaction(), "organisation.row_bytes");
  bits[group] = log2_of(o.bank_groups, "organisation.bank_groups");
  bits[bank] = log2_of(o.banks_per_group, "organisation.banks_per_group");
  bits[rank] = log2_of(o.ranks, "organisation.ranks");
  bits[row] = log2_of(o.rows, "organisation.rows");
  if (std::has_single_bit(channels_))
    bits[channel] = static_cast<std::uint32_t>(std::countr_zero(channels_));

  const std::string& text = spec.controller.mapping;
  if (text.find(' ') == std::string::npos && text.find('-') != std::string::npos) {
    expand_name(text, bits);
  } else {
    parse_slices(text);
  }
  for (const Part part : {line, column, group, bank, rank, row}) {
    if (placed_[part] != bits[part]) {
      refuse(mapping_path, text,
             fmt::format("it has {} bits of {}, the device {}", placed_[part], names[part],
                         bits[part]));
    }
  }
  if (slices_.empty() || slices_.front().part != line || slices_.front().bits != bits[line]) {
    refuse(mapping_path, text, fmt::format("it must begin with line{}", bits[line]));
  }
  for (const std::string& each : spec.controller.hash) parse_hash(each, bits);
  compile(bits);
}

void AddressMap::add(Part part, std::uint32_t bits) {
  if (bits == 0) return;
  slices_.push_back({part, next_shift_, bits, placed_[part]});
  next_shift_ += bits;
  placed_[part] += bits;
}

void AddressMap::parse_slices(std::string_view text) {
  for (const std::string_view word : split(text, ' ')) {
    const auto name = std::find_if(names.begin(), names.end() - 1,
                                   [&](std::string_view each) { return word.starts_with(each); });
    const auto bits = name == names.end() - 1 ? std::nullopt : number(word.substr(name->size()));
    if (!bits || *bits > 40) {
      refuse(
          mapping_path, text,
          fmt::format("'{}' is no slice; allowed: line, co, bg, ba, ra or ro with a number of bits",
                      word));
    }
    add(static_cast<Part>(name - names.begin()), *bits);
  }
}

void AddressMap::expand_name(std::string_view text,
                             const std::array<std::uint32_t, part_count>& bits) {
  std::vector<std::string_view> words = split(text, '-');
  add(line, bits[line]);
  if (!words.empty() && words.back().ends_with('B')) {
    const auto bytes = number(words.back().substr(0, words.back().size() - 1));
    const std::uint32_t low = bytes && std::has_single_bit(*bytes)
                                  ? static_cast<std::uint32_t>(std::countr_zero(*bytes))
                                  : 0;
    if (low < bits[line] || low > bits[line] + bits[column]) {
      refuse(mapping_path, text,
             "the size at its end must be a power of two from one transaction to one row");
    }
    add(column, low - bits[line]);
    words.pop_back();
  }
  const bool names_rank = std::find(words.begin(), words.end(), "ra") != words.end();
  for (auto word = words.rbegin(); word != words.rend(); ++word) {
    const auto name = std::find(names.begin() + 1, names.end() - 1, *word);
    if (name == names.end() - 1) {
      refuse(mapping_path, text,
             fmt::format("'{}' is no field; allowed: ro, ra, ba, bg, co", *word));
    }
    const auto part = static_cast<Part>(name - names.begin());
    if (part == row && !names_rank) add(rank, bits[rank]);
    if (placed_[part] > bits[part])
      refuse(mapping_path, text, fmt::format("'{}' appears twice", *word));
    add(part, bits[part] - placed_[part]);
  }
}

void AddressMap::parse_hash(std::string_view text,
                            const std::array<std::uint32_t, part_count>& bits) {
  const auto side = [&](std::string_view word) -> std::pair<Part, std::uint32_t> {
    for (const Part part : {column, group, bank, rank, row, channel}) {
      if (!word.starts_with(names[part])) continue;
      const auto bit = number(word.substr(names[part].size()));
      if (bit && *bit < bits[part]) return {part, *bit};
    }
    refuse("controller.hash", text, fmt::format("'{}' is no bit of this device's addresses", word));
  };
  const std::vector<std::string_view> words = split(text, '^');
  if (words.size() != 2) refuse("controller.hash", text, "allowed: two bits, as in 'bg0^ro2'");
  const auto [to, to_bit] = side(words[0]);
  const auto [from, from_bit] = side(words[1]);
  if (to == row || to == column || (from != row && from != column)) {
    refuse("controller.hash", text, "allowed: a ch, ra, ba or bg bit, then a ro or co bit");
  }
  hashes_channel_ = hashes_channel_ || to == channel;
  hashes_.push_back({to, to_bit, from, from_bit});
}

/// From what was named to what decode() does. The bank's number has the rank at its top, then the
/// group.
void AddressMap::compile(const std::array<std::uint32_t, part_count>& bits) {
  const auto low_bit_of = [&](Part part) {
    return part == rank ? bits[group] + bits[bank] : part == group ? bits[bank] : 0;
  };
  for (const Slice& each : slices_) {
    if (each.part == line) continue;
    Gather& number = each.part == row ? row_ : each.part == column ? column_ : bank_;
    number.moves.push_back(
        {each.shift, low_bit_of(each.part) + each.into, (std::uint64_t{1} << each.bits) - 1});
  }
  bool of_columns = false;
  for (const Hash& hash : hashes_) {
    const auto source = std::find_if(slices_.begin(), slices_.end(), [&](const Slice& each) {
      return each.part == hash.from && each.into <= hash.from_bit &&
             hash.from_bit < each.into + each.bits;
    });
    if (hash.from == column) of_columns = true;
    flips_.push_back({source->shift + hash.from_bit - source->into,
                      low_bit_of(hash.to) + hash.to_bit, hash.to == channel});
  }
  auto above = slices_.begin() + 1;
  std::uint64_t banks = 1;
  for (; above != slices_.end() && (above->part == group || above->part == bank); ++above)
    banks <<= above->bits;
  for (std::uint64_t turn = 0; turn <= banks; ++turn)
    rotation_.push_back(static_cast<std::int64_t>(bank_.of(turn % banks << bits[line])));
  if (above != slices_.end() && above->part == column && !of_columns && !hashes_channel_)
    rotation_span_ = std::uint64_t{1} << (above->shift + above->bits);
}

std::string AddressMap::slices() const {
  std::string text;
  for (const Slice& each : slices_) {
    text += fmt::format("{}{}{}", text.empty() ? "" : " ", names[each.part], each.bits);
  }
  return text;
}

}  // namespace razorsim
