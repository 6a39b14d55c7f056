#include "base/private_file.hpp"

#if defined(_WIN32)
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#include <windows.h>
// after windows.h
#include <aclapi.h>
#include <fcntl.h>
#include <io.h>
#include <sddl.h>

#include <cerrno>
#include <cstddef>
#include <string>
#include <vector>
#else
#include <fcntl.h>
#include <unistd.h>
#endif

namespace oct {

#if defined(_WIN32)

namespace {

struct FreeLocal {
  void operator()(void* memory) const { LocalFree(memory); }
};

/// The user of this process as "S-1-5-21-..."; empty when the system does not tell.
std::wstring user_sid() {
  HANDLE token = nullptr;
  if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token)) return {};
  DWORD size = 0;
  GetTokenInformation(token, TokenUser, nullptr, 0, &size);
  std::vector<std::byte> buffer(size);
  const bool told = size > 0 && GetTokenInformation(token, TokenUser, buffer.data(), size, &size);
  CloseHandle(token);
  wchar_t* text = nullptr;
  if (!told || !ConvertSidToStringSidW(reinterpret_cast<TOKEN_USER*>(buffer.data())->User.Sid, &text))
    return {};
  const std::unique_ptr<void, FreeLocal> owner(text);
  return text;
}

/// Sets errno where there is no file.
FilePtr create_exclusively(const std::filesystem::path& path, SECURITY_ATTRIBUTES* attributes) {
  const HANDLE handle =
      CreateFileW(path.c_str(), GENERIC_WRITE, 0, attributes, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, nullptr);
  if (handle == INVALID_HANDLE_VALUE) {
    switch (GetLastError()) {
      case ERROR_FILE_EXISTS: errno = EEXIST; break;
      case ERROR_FILE_NOT_FOUND:
      case ERROR_PATH_NOT_FOUND: errno = ENOENT; break;
      case ERROR_DISK_FULL: errno = ENOSPC; break;
      case ERROR_TOO_MANY_OPEN_FILES: errno = EMFILE; break;
      case ERROR_WRITE_PROTECT: errno = EROFS; break;
      default: errno = EACCES; break;
    }
    return {};
  }
  const int descriptor_number = _open_osfhandle(reinterpret_cast<intptr_t>(handle), _O_WRONLY | _O_BINARY);
  if (descriptor_number < 0) {
    CloseHandle(handle);
    return {};
  }
  return FilePtr(_fdopen(descriptor_number, "wb"));
}

}  // namespace

FilePtr create_new_file(const std::filesystem::path& path) {
  return create_exclusively(path, nullptr);
}

FilePtr create_private_file(const std::filesystem::path& path) {
  // Protected (nothing inherited): full access for this user, the system and administrators.
  const std::wstring rule = L"D:P(A;;FA;;;" + user_sid() + L")(A;;FA;;;SY)(A;;FA;;;BA)";
  PSECURITY_DESCRIPTOR descriptor = nullptr;
  if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(rule.c_str(), SDDL_REVISION_1, &descriptor,
                                                            nullptr)) {
    errno = EACCES;
    return {};
  }
  const std::unique_ptr<void, FreeLocal> owner(descriptor);
  SECURITY_ATTRIBUTES attributes{sizeof attributes, descriptor, FALSE};
  return create_exclusively(path, &attributes);
}

#else

namespace {

FilePtr create_exclusively(const std::filesystem::path& path, mode_t mode) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
  if (descriptor < 0) return {};
  return FilePtr(::fdopen(descriptor, "wb"));
}

}  // namespace

FilePtr create_new_file(const std::filesystem::path& path) {
  return create_exclusively(path, 0666);
}

FilePtr create_private_file(const std::filesystem::path& path) {
  return create_exclusively(path, 0600);
}

#endif

}  // namespace oct
