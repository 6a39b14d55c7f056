#include "master/device_fingerprint.hpp"

#include <fmt/format.h>

namespace oct {

DeviceFingerprint fingerprint_of(const DevicePlace& place, const DeviceInfo& info) {
  const std::string computer =
      fmt::format("octane computer 1\n{}\n{}", place.is_local ? "name" : "address", place.computer);
  const std::string device =
      fmt::format("octane device 1\n{}\n{}\n{}\n{}\n{}", computer, place.of_slave ? "slave" : "local",
                  static_cast<std::uint32_t>(info.kind), info.index, info.name);
  return {sha256(std::as_bytes(std::span(computer))), sha256(std::as_bytes(std::span(device)))};
}

}  // namespace oct
