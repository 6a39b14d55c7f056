#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "security/secret.hpp"

// The form in which people see and type a key: "OCT1-7K3QF-9XWM2-B4HTN-0ZR8C-V6DPE-2GJYS". Behind the mark
// OCT1 stand 30 symbols of 5 bits: 26 for the 128 bits of the key (the last two bits are 0) and 4 check
// symbols of a Reed-Solomon code over GF(32). Two valid texts differ in at least 5 places, so up to 4
// mistyped symbols are always found, and with them every swap of two.

namespace oct {

std::string key_text(const Secret<16>& key);

/// Forgives case, blanks, hyphens in other places, and O, I, L written for 0, 1, 1. invalid_input for
/// everything else; the message says what is wrong without a single symbol of it.
Result<Secret<16>> parse_key_text(std::string_view text);

}  // namespace oct
