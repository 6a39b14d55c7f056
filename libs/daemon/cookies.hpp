#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/instant.hpp"
#include "security/secret.hpp"

namespace oct {

/// Makes and recognises what an asker must repeat to show that it receives what is sent to its address, and that it asks
/// now. Nothing is kept of askers: a cookie is a MAC over address and time with a secret of this run. Pure; time is a
/// parameter.
class Cookies {
 public:
  explicit Cookies(const Secret<32>& secret) : secret_(secret) {}
  /// With a secret that nobody knows.
  static Cookies with_random_secret();

  /// Valid for half a minute to a minute.
  std::string cookie_for(std::string_view address, Instant now) const;
  bool is_valid(std::string_view cookie, std::string_view address, Instant now) const;

 private:
  std::string at(std::string_view address, std::int64_t period) const;
  Secret<32> secret_;
};

}  // namespace oct
