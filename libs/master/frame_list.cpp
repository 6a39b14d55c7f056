#include "master/frame_list.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <optional>
#include <set>
#include <string_view>

#include "base/escaped.hpp"

namespace oct {
namespace {

constexpr const char* kForms = "such as 1-240, 1-240x2, 1,5,10-20 or -5..5";

struct FrameRange {
  std::int64_t first = 0, last = 0, step = 1;

  std::int64_t count() const { return (last - first) / step + 1; }
};

/// Takes a number off the front of the text. One with more digits than int64 has is as good as the largest.
std::optional<std::int64_t> take_number(std::string_view& text, bool may_be_negative) {
  const bool negative = may_be_negative && text.starts_with('-');
  const std::string_view digits = text.substr(negative ? 1 : 0);
  const std::size_t count = std::min(digits.find_first_not_of("0123456789"), digits.size());
  if (count == 0) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + count, number);
  if (error != std::errc()) number = std::int64_t{kLargestFrame} + 1;
  text.remove_prefix(count + (negative ? 1 : 0));
  return negative ? -number : number;
}

bool take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

/// Nothing for what has another form.
std::optional<FrameRange> range_of(std::string_view text) {
  const auto first = take_number(text, true);
  if (!first) return std::nullopt;
  if (text.empty()) return FrameRange{*first, *first, 1};
  if (!take(text, "..") && !take(text, "-")) return std::nullopt;
  const auto last = take_number(text, true);
  if (!last) return std::nullopt;
  if (text.empty()) return FrameRange{*first, *last, 1};
  if (!take(text, "x")) return std::nullopt;
  const auto step = take_number(text, false);
  if (!step || !text.empty()) return std::nullopt;
  return FrameRange{*first, *last, *step};
}

Unexpected bad_item(const std::string& item, const std::string& why, std::string help) {
  return fail(ErrorKind::invalid_input, fmt::format("--frames {}: {}", escaped(item), why), std::move(help));
}

Result<FrameRange> checked_range(const std::string& item) {
  const auto range = range_of(item);
  if (!range) return bad_item(item, "is not a frame or a range of frames", kForms);
  for (const std::int64_t number : {range->first, range->last}) {
    if (number >= -kLargestFrame && number <= kLargestFrame) continue;
    return bad_item(item, fmt::format("frames are numbered from {} to {}", -kLargestFrame, kLargestFrame),
                    kForms);
  }
  if (range->step > kLargestFrame)
    return bad_item(item, fmt::format("a step is at most {}", kLargestFrame),
                    "1-240x2 is every second frame");
  if (range->step < 1)
    return bad_item(item, "every 0th frame cannot be rendered; a step is at least 1",
                    "1-240x2 is every second frame");
  if (range->last < range->first)
    return bad_item(item, fmt::format("ends with {}, before it begins", range->last),
                    fmt::format("{}..{}", range->last, range->first));
  return *range;
}

}  // namespace

Result<std::vector<std::int32_t>> frames_from_items(const std::vector<std::string>& items) {
  std::vector<std::int32_t> frames;
  std::set<std::int32_t> known;
  for (const std::string& item : items) {
    OCT_TRY_ASSIGN(const FrameRange range, checked_range(item));
    if (static_cast<std::uint64_t>(range.count()) + frames.size() > kMostFrames)
      return bad_item(
          item, fmt::format("these are more than {} frames; one run renders at most so many", kMostFrames),
          "render them in several runs, or every Nth one: 1-240x2");
    for (std::int64_t number = range.first; number <= range.last; number += range.step) {
      const auto frame = static_cast<std::int32_t>(number);
      if (!known.insert(frame).second)
        return bad_item(item, fmt::format("frame {} is named twice", frame), "name each frame once");
      frames.push_back(frame);
    }
  }
  if (frames.empty()) return fail(ErrorKind::invalid_input, "--frames: names no frame", kForms);
  return frames;
}

}  // namespace oct
