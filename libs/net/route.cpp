#include "net/route.hpp"

#include <bit>
#include <optional>
#include <sstream>

namespace oct {
namespace {

constexpr std::uint32_t kFirstGroupAddress = 0xe0000000;  // 224.0.0.0: multicast, and all above it
constexpr std::uint32_t kLinkLocal = 0xa9fe0000;          // 169.254.0.0/16
constexpr unsigned kLinkLocalPrefix = 16;
constexpr unsigned kUp = 0x1, kReject = 0x200;  // of Linux

std::uint32_t mask_of(unsigned prefix_length) {
  return prefix_length == 0 ? 0 : ~std::uint32_t{0} << (32 - prefix_length);
}

/// Linux prints the bytes in their order on the wire as a number of the processor's.
std::uint32_t from_proc(std::uint32_t number) {
  if constexpr (std::endian::native == std::endian::big) return number;
  return number >> 24 | (number >> 8 & 0xff00) | (number << 8 & 0xff0000) | number << 24;
}

/// "Iface Destination Gateway Flags RefCnt Use Metric Mask ...", numbers in hexadecimal.
std::optional<Route> route_of_line(const std::string& line) {
  std::istringstream words(line);
  std::string adapter, unused;
  std::uint32_t destination = 0, mask = 0;
  unsigned flags = 0;
  words >> adapter >> std::hex >> destination >> unused >> flags >> unused >> unused >> unused >> mask;
  if (!words || (flags & kUp) == 0 || (flags & kReject) != 0) return std::nullopt;
  return Route{adapter, from_proc(destination), static_cast<unsigned>(std::popcount(mask))};
}

}  // namespace

bool leads_beyond(const Route& route, std::uint32_t own_address, unsigned own_prefix_length) {
  if (route.prefix_length == 0) return true;
  if (route.destination >= kFirstGroupAddress) return false;
  if ((route.destination & mask_of(kLinkLocalPrefix)) == kLinkLocal) return false;
  const std::uint32_t own = mask_of(own_prefix_length);
  const bool inside =
      route.prefix_length >= own_prefix_length && (route.destination & own) == (own_address & own);
  return !inside;
}

std::vector<Route> routes_from_proc(std::string_view text) {
  std::vector<Route> routes;
  std::istringstream stream{std::string(text)};
  std::string line;
  std::getline(stream, line);  // the names of the columns
  while (std::getline(stream, line)) {
    if (const auto route = route_of_line(line)) routes.push_back(*route);
  }
  return routes;
}

}  // namespace oct
