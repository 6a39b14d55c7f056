#include "common/arguments.hpp"

#if defined(_WIN32)
#include <windows.h>
// windows.h comes first
#include <shellapi.h>
#else
#include <unistd.h>

#include <array>
#endif

namespace oct {

#if defined(_WIN32)

namespace {

std::string narrow(const wchar_t* text) {
  const int size = WideCharToMultiByte(CP_UTF8, 0, text, -1, nullptr, 0, nullptr, nullptr);
  if (size <= 1) return {};
  std::string result(static_cast<std::size_t>(size), '\0');
  WideCharToMultiByte(CP_UTF8, 0, text, -1, result.data(), size, nullptr, nullptr);
  result.pop_back();  // the terminating zero
  return result;
}

}  // namespace

std::vector<std::string> utf8_arguments(int argc, char** argv) {
  int count = 0;
  wchar_t** wide = CommandLineToArgvW(GetCommandLineW(), &count);
  if (wide == nullptr) return {argv + 1, argv + argc};
  std::vector<std::string> arguments;
  for (int i = 1; i < count; ++i) arguments.push_back(narrow(wide[i]));
  LocalFree(wide);
  return arguments;
}

std::string program_folder() {
  std::wstring path(32768, L'\0');
  const DWORD size = GetModuleFileNameW(nullptr, path.data(), static_cast<DWORD>(path.size()));
  if (size == 0 || size == path.size()) return {};
  const std::string text = narrow(path.c_str());
  return text.substr(0, text.find_last_of("\\/") + 1);
}

#else

std::vector<std::string> utf8_arguments(int argc, char** argv) {
  return {argv + 1, argv + argc};
}

std::string program_folder() {
  std::array<char, 4096> path;
  const ssize_t size = readlink("/proc/self/exe", path.data(), path.size());
  if (size <= 0 || static_cast<std::size_t>(size) == path.size()) return {};
  const std::string text(path.data(), static_cast<std::size_t>(size));
  return text.substr(0, text.find_last_of('/') + 1);
}

#endif

}  // namespace oct
