#include <cstdlib>
#include <fstream>
#include <sstream>

#include "net/neighbour.hpp"

namespace oct {

std::optional<bool> neighbour_answers(const std::string& address) {
  // "IP address  HW type  Flags  HW address  Mask  Device", in hexadecimal flags; 2 = complete
  std::ifstream table("/proc/net/arp");
  std::optional<bool> answers;
  std::string line;
  std::getline(table, line);
  while (std::getline(table, line)) {
    std::istringstream words(line);
    std::string ip, type, flags;
    words >> ip >> type >> flags;
    if (ip != address) continue;
    const unsigned long value = std::strtoul(flags.c_str(), nullptr, 16);
    answers = answers.value_or(false) || (value & 2) != 0;
  }
  return answers;
}

}  // namespace oct
