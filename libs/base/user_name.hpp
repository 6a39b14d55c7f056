#pragma once
#include <string>

namespace oct {

/// Name of the user who runs this program, for people; "user" where the system does not tell.
std::string user_name();

}  // namespace oct
