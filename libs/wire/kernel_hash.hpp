#pragma once
#include "base/hash.hpp"

namespace oct {

/// SHA-256 of what two parties must share to give the same bits and understand each other: the sources of
/// kernels, of the wire's messages and codecs (with line ends normalised) and the list of floating-point
/// rules. Computed at build, the same for every compiler and system.
Digest kernel_hash();

}  // namespace oct
