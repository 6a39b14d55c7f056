#pragma once
#include <optional>
#include <string_view>

#include "data/types.hpp"

namespace oct::simt {

/// The bits of a literal: decimal or hexadecimal, negative, 0fXXXXXXXX or 0dXXXXXXXXXXXXXXXX. None for anything else.
std::optional<u64> number_in(std::string_view text);

}  // namespace oct::simt
