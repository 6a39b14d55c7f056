#include "base/config_folder.hpp"

#include <cstdlib>

#if !defined(_WIN32)
#include <pwd.h>
#include <unistd.h>
#endif

namespace oct {
namespace {

namespace fs = std::filesystem;

/// A path from the environment; empty when the variable is not set.
fs::path path_of(const char* variable) {
#if defined(_WIN32)
  const std::wstring wide(variable, variable + std::char_traits<char>::length(variable));
  const wchar_t* value = _wgetenv(wide.c_str());
#else
  const char* value = std::getenv(variable);
#endif
  return value == nullptr ? fs::path() : fs::path(value);
}

#if !defined(_WIN32)
fs::path home() {
  if (fs::path home = path_of("HOME"); home.is_absolute()) return home;
  const passwd* user = ::getpwuid(::getuid());  // services run without HOME
  return user == nullptr || user->pw_dir == nullptr ? fs::path() : fs::path(user->pw_dir);
}
#endif

/// The platform's folder for the settings of all programs; empty when there is none.
fs::path platform_folder() {
#if defined(_WIN32)
  return path_of("APPDATA");
#else
  // a relative XDG_CONFIG_HOME is to be ignored, says its specification
  if (fs::path folder = path_of("XDG_CONFIG_HOME"); folder.is_absolute()) return folder;
  const fs::path folder = home();
  return folder.is_absolute() ? folder / ".config" : fs::path();
#endif
}

}  // namespace

Result<fs::path> config_folder() {
  if (fs::path folder = path_of("OCTANE_CONFIG_DIR"); !folder.empty()) return folder;
  const fs::path folder = platform_folder();
  if (folder.empty()) {
    return fail(ErrorKind::unavailable, "this system names no folder for settings",
                "set OCTANE_CONFIG_DIR to a folder");
  }
  return folder / "octane";
}

}  // namespace oct
