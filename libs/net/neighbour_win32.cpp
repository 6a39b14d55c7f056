// clang-format off
#include <winsock2.h>
#include <ws2tcpip.h>
#include <iphlpapi.h>
// clang-format on

#include "net/neighbour.hpp"

namespace oct {

std::optional<bool> neighbour_answers(const std::string& address) {
  IN_ADDR to{};
  if (InetPtonA(AF_INET, address.c_str(), &to) != 1) return std::nullopt;
  ULONG hardware[2] = {};
  ULONG size = sizeof hardware;
  const DWORD result = SendARP(to.S_un.S_addr, 0, hardware, &size);
  if (result == NO_ERROR) return size != 0;
  if (result == ERROR_GEN_FAILURE || result == ERROR_BAD_NET_NAME) return false;
  return std::nullopt;
}

}  // namespace oct
