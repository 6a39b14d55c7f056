#pragma once
#include <string>
#include <vector>

#include "farm/daemon_selection.hpp"

namespace oct {

/// A computer that a user named, and where it is.
struct KnownDaemon {
  std::string name;     ///< what the user wrote; empty where that was the address
  std::string address;  ///< with its port unless that is `usual_port`
};

/// Where an answer came from, as addresses are typed.
std::string address_of(const SeenDaemon& daemon, std::uint16_t usual_port);

/// Every daemon that a user's word means: of those that are seen now; else of those that are enabled, where they were last.
/// Nobody is meant: the word itself, which may be an address, or a name that the system knows.
std::vector<KnownDaemon> known_daemons(const std::string& word, const std::vector<SeenDaemon>& seen,
                                       const std::vector<EnabledDaemon>& enabled, std::uint16_t usual_port);

}  // namespace oct
