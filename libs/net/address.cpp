#include "net/address.hpp"

#include <fmt/format.h>

#include "net/asio.hpp"

namespace oct {

std::string Endpoint::text() const {
  const bool is_v6 = address.find(':') != std::string::npos;
  return is_v6 ? fmt::format("[{}]:{}", address, port) : fmt::format("{}:{}", address, port);
}

bool is_loopback(std::string_view text) {
  IoError error;
  const auto address = asio::ip::make_address(text, error);
  if (error) return false;
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).is_loopback();
  return address.is_loopback();
}

bool is_any_address(std::string_view text) {
  IoError error;
  const auto address = asio::ip::make_address(text, error);
  return !error && address.is_unspecified();
}

bool is_ipv6(std::string_view address) {
  return address.find(':') != std::string_view::npos;
}

Result<std::string> numeric_address(std::string_view text) {
  const bool has_brackets = text.size() > 2 && text.front() == '[' && text.back() == ']';
  const std::string_view inside = has_brackets ? text.substr(1, text.size() - 2) : text;
  IoError error;
  const auto address = asio::ip::make_address(inside, error);
  // Windows also takes what has a port behind it, or a part left out.
  const bool is_odd = inside.find_first_of("[]") != std::string_view::npos ||
                      (!error && address.is_v4() && address.to_string() != inside);
  if (error || is_odd || (has_brackets && !address.is_v6()))
    return fail(ErrorKind::invalid_input,
                fmt::format("{}: is not a numeric address such as 10.0.0.103 or fd00::11", text));
  return address.to_string();
}

Result<void> check_access(const NetworkAccess& access, std::string_view address) {
  if (access.key) return check_tls();
  if (access.insecure || is_loopback(address)) return {};
  return fail(
      ErrorKind::incompatible, "this computer has no farm.key: network rendering serves only this computer",
      "octane_master activate, then copy farm.key; or --net-insecure on a network where you trust everyone");
}

std::string host_name() {
  IoError error;
  std::string name = asio::ip::host_name(error);
  name = name.substr(0, name.find('.'));
  return error || name.empty() ? "unnamed" : name;
}

}  // namespace oct
