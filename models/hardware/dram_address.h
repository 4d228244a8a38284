// SPDX-License-Identifier: Apache-2.0
// Which channel, bank, row and column a byte address lies in.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string_view>
#include <vector>

#include "models/base/errors.h"
#include "models/hardware/dram_spec.h"

namespace razorsim {

struct DramAddress {
  std::int64_t channel = 0;  ///< pseudo channels count as channels
  std::int64_t bank = 0;     ///< over all ranks, as in DramBanks
  std::int64_t row = 0;
  std::int64_t column = 0;  ///< in transactions

  bool operator==(const DramAddress&) const = default;
};

/// Blocks of `channel_interleave` bytes go round the channels. Within a channel the address is cut
/// into slices, from bit 0 up: "line6 co7 bg2 ba2 ro16". A name lists fields from the top down, as
/// in "ro-ba-bg-co"; a size at its end ("ro-ba-co-bg-64B") keeps that many bytes together below
/// them all. The rank lies below the row unless "ra" is named. Finally each hash "bg0^ro2" XORs a
/// bit into another; its source is a row or column bit no hash changes, so distinct addresses stay
/// distinct.
class AddressMap {
 public:
  /// Throws ConfigError at path "controller.mapping" or "controller.hash".
  explicit AddressMap(const DramSpec& spec);

  /// Any address: those past the capacity wrap around.
  [[nodiscard]] DramAddress decode(std::uint64_t address) const {
    std::uint64_t which = 0, local = address;
    if (channels_ > 1) {
      const std::uint64_t block = quotient(address, interleave_, interleave_shift_);
      const std::uint64_t round = quotient(block, channels_, channel_shift_);
      which = block - round * channels_;
      local = address - (block - round) * interleave_;
    }
    DramAddress place{0, static_cast<std::int64_t>(bank_.of(local)),
                      static_cast<std::int64_t>(row_.of(local)),
                      static_cast<std::int64_t>(column_.of(local))};
    for (const Flip& each : flips_) {
      const std::uint64_t bit = local >> each.from & 1;
      if (each.of_channel) {
        which ^= bit << each.to;
      } else {
        place.bank ^= static_cast<std::int64_t>(bit << each.to);
      }
    }
    place.channel = static_cast<std::int64_t>(which);
    return place;
  }
  [[nodiscard]] std::int64_t channel_of(std::uint64_t address) const {
    if (hashes_channel_) return decode(address).channel;
    return static_cast<std::int64_t>(quotient(address, interleave_, interleave_shift_) % channels_);
  }
  [[nodiscard]] bool hashes_channel() const { return hashes_channel_; }
  /// Consecutive transactions of one channel go round this many banks, from row to open row and
  /// column to column, while they stay within an aligned block of rotation_span() bytes of the
  /// channel. A span of 0: they do not.
  [[nodiscard]] std::int64_t rotation_banks() const {
    return static_cast<std::int64_t>(rotation_.size()) - 1;
  }
  [[nodiscard]] std::uint64_t rotation_span() const { return rotation_span_; }
  /// Bits of the bank's number that are set at the `turn`-th place of a rotation, of those that
  /// change in it. The place after the last is the first again.
  [[nodiscard]] std::int64_t rotation_bank(std::size_t turn) const { return rotation_[turn]; }
  /// All of these, from the first place to the one after the last.
  [[nodiscard]] const std::int64_t* rotation() const { return rotation_.data(); }
  /// Bytes of a channel that lie before `address`. Precondition: !hashes_channel().
  [[nodiscard]] std::uint64_t local_of(std::uint64_t address, std::uint64_t channel) const {
    if (channels_ == 1) return address;
    const std::uint64_t block = quotient(address, interleave_, interleave_shift_);
    const std::uint64_t round = quotient(block, channels_, channel_shift_);
    const std::uint64_t place = block - round * channels_;
    const std::uint64_t into = place < channel    ? 0
                               : place == channel ? address - block * interleave_
                                                  : interleave_;
    return round * interleave_ + into;
  }
  /// The address with `local` bytes of its channel before it. Precondition: !hashes_channel().
  [[nodiscard]] std::uint64_t address_of(std::uint64_t local, std::uint64_t channel) const {
    if (channels_ == 1) return local;
    const std::uint64_t round = quotient(local, interleave_, interleave_shift_);
    return (round * channels_ + channel) * interleave_ + local - round * interleave_;
  }
  [[nodiscard]] std::uint64_t interleave() const { return interleave_; }
  [[nodiscard]] std::uint64_t channels() const { return channels_; }
  [[nodiscard]] std::uint64_t capacity() const { return channel_capacity_ * channels_; }
  /// The slices in use, from bit 0 up.
  [[nodiscard]] std::string slices() const;

 private:
  enum Part : std::uint8_t { line, column, group, bank, rank, row, channel };
  static constexpr std::size_t part_count = 7;
  static constexpr std::array<std::string_view, part_count> names{"line", "co", "bg", "ba",
                                                                  "ra",   "ro", "ch"};
  struct Slice {
    Part part;
    std::uint32_t shift, bits, into;
  };
  struct Hash {
    Part to;
    std::uint32_t to_bit;
    Part from;
    std::uint32_t from_bit;
  };

  /// Bits of an address gathered into one number.
  struct Gather {
    struct Move {
      std::uint32_t shift = 0, into = 0;
      std::uint64_t mask = 0;
    };
    std::vector<Move> moves;
    [[nodiscard]] std::uint64_t of(std::uint64_t address) const {
      std::uint64_t number = 0;
      for (const Move& each : moves) number |= (address >> each.shift & each.mask) << each.into;
      return number;
    }
  };
  /// A hash where it acts: a bit of the address on a bit of the bank or channel number.
  struct Flip {
    std::uint32_t from = 0, to = 0;
    bool of_channel = false;
  };
  /// By a shift where `divisor` is a power of two: decoding divides for every transaction.
  static std::uint64_t quotient(std::uint64_t dividend, std::uint64_t divisor, int shift) {
    return shift >= 0 ? dividend >> shift : dividend / divisor;
  }

  void parse_slices(std::string_view text);
  void expand_name(std::string_view text, const std::array<std::uint32_t, part_count>& bits);
  void add(Part part, std::uint32_t bits);
  void parse_hash(std::string_view text, const std::array<std::uint32_t, part_count>& bits);
  void compile(const std::array<std::uint32_t, part_count>& bits);

  std::uint64_t channels_, interleave_, channel_capacity_;
  int channel_shift_, interleave_shift_;  ///< -1: no power of two
  std::vector<std::int64_t> rotation_;
  std::uint64_t rotation_span_ = 0;
  bool hashes_channel_ = false;
  std::uint32_t next_shift_ = 0;
  std::array<std::uint32_t, part_count> placed_{};
  std::vector<Slice> slices_;
  std::vector<Hash> hashes_;
  Gather bank_, row_, column_;
  std::vector<Flip> flips_;
};

}  // namespace razorsim
