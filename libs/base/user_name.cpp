#include "base/user_name.hpp"

#if defined(_WIN32)
#include <windows.h>
// windows.h comes first
#include <lmcons.h>
#else
#include <pwd.h>
#include <unistd.h>
#endif

namespace oct {

std::string user_name() {
#if defined(_WIN32)
  wchar_t name[UNLEN + 1] = {};
  DWORD size = UNLEN + 1;
  char utf8[4 * UNLEN + 1] = {};
  if (GetUserNameW(name, &size) != 0 &&
      WideCharToMultiByte(CP_UTF8, 0, name, -1, utf8, sizeof utf8, nullptr, nullptr) > 1)
    return utf8;
#else
  const passwd* user = ::getpwuid(::geteuid());
  if (user != nullptr && user->pw_name != nullptr && *user->pw_name != '\0') return user->pw_name;
#endif
  return "user";
}

}  // namespace oct
