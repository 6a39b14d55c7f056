#pragma once
#include <string>
#include <variant>

#include "base/result.hpp"

namespace oct {

/// The master broke the protocol: the slave says why, closes, and tries again later.
struct MasterAtFault {
  std::string why;
};
/// No device here can render what was announced: another slave may.
struct NothingToOffer {
  Error error;
};

/// What ends the work for a master, found by a part of the slave that has no say in the conversation.
using SlaveTrouble = std::variant<MasterAtFault, NothingToOffer>;

}  // namespace oct
