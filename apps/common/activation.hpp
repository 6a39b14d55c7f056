#pragma once
#include <optional>
#include <string>

#include "base/console.hpp"
#include "base/exit_code.hpp"
#include "net/address.hpp"
#include "security/key_store.hpp"

// The farm key as the three programs use it.

namespace oct {

/// The key that counts for this user and this program: the user's own, else the one beside the program.
Result<std::optional<StoredKey>> find_farm_key();

/// Whom this program may talk to: with the farm key, if there is one. Then --net-insecure (`insecure`) means
/// nothing, and a note says so. Errors, for exit code 8: a key file that holds no key; a key in a build
/// without TLS.
Result<NetworkAccess> network_access(bool insecure, Console& console);

/// --activate: stores the key of a file, or of standard input ("-"), for this user, and says whose it is.
/// Exit codes 0; 4 when it cannot be stored; 8 when there is no key in it, or no TLS in this build; 130 after
/// CTRL-C.
ExitCode activate_from(const std::string& source, Console& console);

/// "7F3AC2    (short name, not secret, the same on all its computers)" behind the label Farm.
std::string farm_line(const FarmKey& key);

}  // namespace oct
