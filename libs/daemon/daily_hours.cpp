#include "daemon/daily_hours.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace oct {
namespace {

constexpr unsigned kMinutesOfHour = 60;
constexpr unsigned kMinutesOfDay = 24 * kMinutesOfHour;
constexpr unsigned kSecondsOfDay = kMinutesOfDay * 60;

/// One or two digits.
std::optional<unsigned> number_from(std::string_view text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool good = error == std::errc() && end == text.data() + text.size() && text.size() <= 2;
  return good ? std::optional(number) : std::nullopt;
}

/// "7", "07", "7:15", "24".
std::optional<unsigned> minute_from(std::string_view text) {
  const std::size_t colon = text.find(':');
  const auto hour = number_from(text.substr(0, colon));
  const auto minute =
      colon == std::string_view::npos ? std::optional(0u) : number_from(text.substr(colon + 1));
  if (!hour || !minute || *minute >= kMinutesOfHour) return std::nullopt;
  const unsigned whole = *hour * kMinutesOfHour + *minute;
  return whole <= kMinutesOfDay ? std::optional(whole) : std::nullopt;
}

std::string clock_text(unsigned minute_of_day) {
  const unsigned hour = minute_of_day / kMinutesOfHour, minute = minute_of_day % kMinutesOfHour;
  return minute == 0 ? fmt::format("{:02}", hour) : fmt::format("{:02}:{:02}", hour, minute);
}

}  // namespace

bool DailyHours::contain(unsigned second_of_day) const {
  const unsigned minute = second_of_day / 60;
  if (from_minute < to_minute) return from_minute <= minute && minute < to_minute;
  return from_minute <= minute || minute < to_minute;
}

unsigned DailyHours::seconds_to_border(unsigned second_of_day) const {
  const unsigned border = (contain(second_of_day) ? to_minute : from_minute) * 60;
  const unsigned wait = (border + kSecondsOfDay - second_of_day % kSecondsOfDay) % kSecondsOfDay;
  return wait == 0 ? kSecondsOfDay : wait;
}

Result<DailyHours> daily_hours_from_text(std::string_view text) {
  const std::size_t hyphen = text.find('-');
  const auto wrong = [&](const char* why) {
    return fail(ErrorKind::invalid_input, fmt::format("{}: {}", text, why),
                "two times of the day, for example 19-07 or 19:30-7:15");
  };
  if (hyphen == std::string_view::npos) return wrong("must be FROM-TO");
  const auto from = minute_from(text.substr(0, hyphen)), to = minute_from(text.substr(hyphen + 1));
  if (!from || !to) return wrong("must be two times between 0 and 24");
  if (*from % kMinutesOfDay == *to % kMinutesOfDay && *to - *from != kMinutesOfDay)
    return wrong("begins when it ends");
  return DailyHours{*from % kMinutesOfDay, *to};
}

std::string daily_hours_text(const DailyHours& hours) {
  return clock_text(hours.from_minute) + "-" + clock_text(hours.to_minute);
}

}  // namespace oct
