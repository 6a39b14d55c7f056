#include "daemon/cookies.hpp"

#include <fmt/format.h>

#include "security/hmac.hpp"
#include "wire/limits.hpp"

namespace oct {
namespace {

constexpr Duration kPeriod = seconds(30);

ByteView text_bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::int64_t period_of(Instant now) {
  return now.time_since_epoch() / kPeriod;
}

}  // namespace

Cookies Cookies::with_random_secret() {
  Secret<32> secret;
  fill_random(secret.bytes());
  return Cookies(secret);
}

std::string Cookies::at(std::string_view address, std::int64_t period) const {
  const std::string text = fmt::format("{} {}", period, address);
  return hmac_sha256(secret_.view(), text_bytes(text)).hex().substr(0, kCookieChars);
}

std::string Cookies::cookie_for(std::string_view address, Instant now) const {
  return at(address, period_of(now));
}

bool Cookies::is_valid(std::string_view cookie, std::string_view address, Instant now) const {
  const std::int64_t period = period_of(now);
  const bool fresh = equal_in_constant_time(text_bytes(cookie), text_bytes(at(address, period)));
  const bool recent = equal_in_constant_time(text_bytes(cookie), text_bytes(at(address, period - 1)));
  return fresh || recent;
}

}  // namespace oct
