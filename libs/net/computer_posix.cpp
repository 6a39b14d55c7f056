#include <fmt/format.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <new>
#include <set>

#include "net/computer.hpp"

namespace oct {
namespace {

constexpr std::size_t kMachineIdDigits = 32;
constexpr std::size_t kMostAddressBytes = 32;

std::string machine_id() {
  for (const char* path : {"/etc/machine-id", "/var/lib/dbus/machine-id"}) {
    std::ifstream file(path);
    std::string id;
    if (file >> id && id.size() == kMachineIdDigits) return id;  // "uninitialized" is none
  }
  return {};
}

/// The address that the card was made with, whatever it uses now; empty when it has none.
std::string permanent_address(int socket, const std::string& name) {
  // The kernel's struct ends in an array of no stated size, with the address.
  alignas(ethtool_perm_addr) std::array<unsigned char, sizeof(ethtool_perm_addr) + kMostAddressBytes> space{};
  auto* question = new (space.data()) ethtool_perm_addr;
  question->cmd = ETHTOOL_GPERMADDR;
  question->size = kMostAddressBytes;
  ifreq request{};
  std::memcpy(request.ifr_name, name.data(), std::min<std::size_t>(name.size(), IFNAMSIZ - 1));
  request.ifr_data = reinterpret_cast<char*>(question);
  if (::ioctl(socket, SIOCETHTOOL, &request) != 0) return {};
  std::string text;
  bool any = false;
  for (std::size_t i = 0; i < std::min<std::size_t>(question->size, kMostAddressBytes); ++i) {
    const unsigned char byte = space[sizeof(ethtool_perm_addr) + i];
    text += fmt::format("{:02x}", byte);
    any = any || byte != 0;
  }
  return any ? text : std::string();
}

std::vector<std::string> card_names() {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator entry("/sys/class/net", error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    if (std::filesystem::exists(entry->path() / "device", ignored))
      names.push_back(entry->path().filename().string());
  }
  return names;
}

}  // namespace

ComputerPrint this_computer() {
  ComputerPrint print;
  print.machine = computer_print("machine", machine_id());
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return print;
  std::set<std::string> cards;
  for (const std::string& name : card_names()) {
    const std::string address = permanent_address(socket, name);
    if (!address.empty()) cards.insert(computer_print("card", address));
  }
  ::close(socket);
  print.cards.assign(cards.begin(), cards.end());
  return print;
}

}  // namespace oct
