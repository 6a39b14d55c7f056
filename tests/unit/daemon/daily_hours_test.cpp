#include "daemon/daily_hours.hpp"

#include "support/catch.hpp"

using namespace oct;

namespace {

constexpr unsigned clock_at(unsigned hour, unsigned minute = 0, unsigned second = 0) {
  return (hour * 60 + minute) * 60 + second;
}

DailyHours hours(const char* text) {
  const auto read = daily_hours_from_text(text);
  REQUIRE(read.has_value());
  return *read;
}

}  // namespace

TEST_CASE("hours across midnight", "[daemon]") {
  const DailyHours night = hours("19-07");
  CHECK(night.contain(clock_at(19)));
  CHECK(night.contain(clock_at(23, 59, 59)));
  CHECK(night.contain(clock_at(0)));
  CHECK(night.contain(clock_at(6, 59, 59)));
  CHECK_FALSE(night.contain(clock_at(7)));
  CHECK_FALSE(night.contain(clock_at(18, 59, 59)));
  CHECK(night.seconds_to_border(clock_at(18, 59, 59)) == 1);
  CHECK(night.seconds_to_border(clock_at(7)) == 12 * 3600);
  CHECK(night.seconds_to_border(clock_at(19)) == 12 * 3600);
  CHECK(night.seconds_to_border(clock_at(23)) == 8 * 3600);
}

TEST_CASE("hours within a day, with minutes", "[daemon]") {
  const DailyHours day = hours("7:30-12");
  CHECK_FALSE(day.contain(clock_at(7, 29, 59)));
  CHECK(day.contain(clock_at(7, 30)));
  CHECK_FALSE(day.contain(clock_at(12)));
  CHECK(day.seconds_to_border(clock_at(12)) == clock_at(19, 30));
  CHECK(hours("20-24").contain(clock_at(23, 59)));
  CHECK_FALSE(hours("20-24").contain(clock_at(0)));
  CHECK(hours("24-6").contain(clock_at(0)));
  CHECK(hours("0-24").contain(clock_at(13)));
}

TEST_CASE("hours are shown with two digits", "[daemon]") {
  CHECK(daily_hours_text(hours("19-7")) == "19-07");
  CHECK(daily_hours_text(hours("9:05-24")) == "09:05-24");
}

TEST_CASE("what is not a part of a day is refused", "[daemon]") {
  for (const char* text : {"", "19", "19-", "-7", "19-7-8", "25-7", "19-24:01", "7:60-9", "7:-9", "007-9",
                           "a-b", "7.5-9", " 7-9", "7-7", "0-0", "24-0", "7-9 "}) {
    INFO(text);
    const auto read = daily_hours_from_text(text);
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().help.find("19-07") != std::string::npos);
  }
}
