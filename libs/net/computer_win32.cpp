// winsock2.h goes before the others
#include <winsock2.h>
#include <ws2tcpip.h>
// iphlpapi.h needs their types
#include <fmt/format.h>
#include <iphlpapi.h>
#include <netioapi.h>

#include <algorithm>
#include <set>

#include "net/computer.hpp"

namespace oct {
namespace {

constexpr DWORD kMostIdChars = 64;

std::string machine_id() {
  wchar_t text[kMostIdChars] = {};
  DWORD bytes = sizeof text;
  const LSTATUS result =
      ::RegGetValueW(HKEY_LOCAL_MACHINE, L"SOFTWARE\\Microsoft\\Cryptography", L"MachineGuid",
                     RRF_RT_REG_SZ | RRF_SUBKEY_WOW6464KEY, nullptr, text, &bytes);
  if (result != ERROR_SUCCESS) return {};
  std::string id;
  for (const wchar_t* c = text; *c != L'\0'; ++c) {
    if (*c > 0 && *c < 0x80) id += static_cast<char>(*c);
  }
  return id;
}

/// The address that a real card was made with, whatever it uses now; empty for others.
std::string permanent_address(const MIB_IF_ROW2& row) {
  const bool wire = row.Type == IF_TYPE_ETHERNET_CSMACD || row.Type == IF_TYPE_IEEE80211;
  // A filter on top of a card has the card's address, too.
  if (!wire || row.InterfaceAndOperStatusFlags.HardwareInterface == 0) return {};
  const ULONG length = std::min<ULONG>(row.PhysicalAddressLength, IF_MAX_PHYS_ADDRESS_LENGTH);
  std::string text;
  bool any = false;
  for (ULONG i = 0; i < length; ++i) {
    text += fmt::format("{:02x}", row.PermanentPhysicalAddress[i]);
    any = any || row.PermanentPhysicalAddress[i] != 0;
  }
  return any ? text : std::string();
}

}  // namespace

ComputerPrint this_computer() {
  ComputerPrint print;
  print.machine = computer_print("machine", machine_id());
  MIB_IF_TABLE2* table = nullptr;
  if (::GetIfTable2(&table) != NO_ERROR) return print;
  std::set<std::string> cards;
  for (ULONG i = 0; i < table->NumEntries; ++i) {
    const std::string address = permanent_address(table->Table[i]);
    if (!address.empty()) cards.insert(computer_print("card", address));
  }
  ::FreeMibTable(table);
  print.cards.assign(cards.begin(), cards.end());
  return print;
}

}  // namespace oct
