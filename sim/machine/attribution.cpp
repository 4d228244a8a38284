// SPDX-License-Identifier: Apache-2.0
#include "sim/machine/attribution.h"

#include <algorithm>
#include <array>

#include "models/base/errors.h"

namespace razorsim {
namespace {

/// What a module that works means to an operation whose main module is another.
constexpr std::array<Cause, 5> cause_of_module = {
    Cause::array, Cause::vector_unit, Cause::razor_unit, Cause::fill_drain, Cause::bandwidth};

/// Walks one module's slices forward in time.
class Cursor {
 public:
  explicit Cursor(std::span<const Slice> slices) : slices_(slices) {}

  /// The slice that covers `when`, or null; `until` shrinks to where the answer may change.
  const Slice* at(Picoseconds when, Picoseconds& until) {
    while (next_ < slices_.size() && slices_[next_].end <= when) ++next_;
    if (next_ == slices_.size()) return nullptr;
    const Slice& slice = slices_[next_];
    if (slice.begin > when) {
      until = std::min(until, slice.begin);
      return nullptr;
    }
    until = std::min(until, slice.end);
    return &slice;
  }

 private:
  std::span<const Slice> slices_;
  std::size_t next_ = 0;
};

}  // namespace

std::vector<OperationTime> attribute(const std::vector<Operation>& operations,
                                     std::span<const std::span<const Slice>> path,
                                     const std::vector<PassSpan>& passes) {
  promise(path.size() == cause_of_module.size(), "attribution: five modules on the path");
  std::vector<OperationTime> times(operations.size());
  std::vector<Cursor> cursors;
  for (const std::span<const Slice> slices : path) cursors.emplace_back(slices);

  for (const PassSpan& pass : passes) {
    for (Picoseconds when = pass.begin; when < pass.end;) {
      Picoseconds until = pass.end;
      const Slice* active = nullptr;
      std::size_t module = 0;
      for (; module < cursors.size(); ++module) {
        active = cursors[module].at(when, until);
        if (active != nullptr && active->operation >= 0) break;
        active = nullptr;
      }
      const int operation = active != nullptr ? active->operation : pass.last;
      OperationTime& time = times[static_cast<std::size_t>(operation)];
      const Picoseconds span = until - when;
      time.total += span;
      const std::size_t main = operations[static_cast<std::size_t>(operation)].is_product() ? 0 : 1;
      if (active == nullptr) {
        time.stalls[Cause::dependence] += span;
      } else if (active->activity != Activity::busy) {
        time.stalls[active->cause] += span;
      } else if (module == main) {
        time.busy += span;
      } else {
        time.stalls[cause_of_module[module]] += span;
      }
      when = until;
    }
  }
  return times;
}

}  // namespace razorsim
