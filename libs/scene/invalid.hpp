#pragma once
#include <string>

#include "base/result.hpp"

namespace oct {

/// What every importer returns for a file that is not what it should be.
inline Unexpected invalid(std::string reason) {
  return fail(ErrorKind::invalid_input, std::move(reason));
}

}  // namespace oct
