#pragma once
#include <string>

#include "base/result.hpp"

namespace oct {

/// What every reader returns for a file that is not what it should be. Errors hold the reason alone: `is cut
/// off`.
inline Unexpected invalid(std::string reason) {
  return fail(ErrorKind::invalid_input, std::move(reason));
}

}  // namespace oct
