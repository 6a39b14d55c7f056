#pragma once
#include <string>
#include <vector>

namespace oct {

/// What tells one computer from another, hashed with a constant of ours, so that it is of no use to anybody else. Disks
/// are copied: the machine id with them, but not the cards.
struct ComputerPrint {
  std::string machine;  ///< of the system's machine id, 16 hexadecimal digits; empty = it has none
  std::vector<std::string>
      cards;  ///< of its real network cards' permanent addresses, likewise, sorted; may be none
  friend bool operator==(const ComputerPrint&, const ComputerPrint&) = default;
};

/// This computer's. Asks the system.
ComputerPrint this_computer();

/// The print of one such fact: `kind` is "machine" or "card". Pure.
std::string computer_print(const std::string& kind, const std::string& fact);

}  // namespace oct
