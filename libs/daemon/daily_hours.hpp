#pragma once
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace oct {

/// A part of each day, by the local clock, across midnight perhaps.
struct DailyHours {
  unsigned from_minute = 0;  ///< of the day
  unsigned to_minute = 0;    ///< behind its last one; 1440 = midnight

  bool contain(unsigned second_of_day) const;
  /// Until they begin, or while they last until they end; at most a day.
  unsigned seconds_to_border(unsigned second_of_day) const;
};

/// Reads "19-07", "7-19", "19:30-7:15", "0-24". invalid_input with what is wrong.
Result<DailyHours> daily_hours_from_text(std::string_view text);

/// "19-07", "19:30-07:15".
std::string daily_hours_text(const DailyHours& hours);

}  // namespace oct
