#include "base/temporary_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>
#include <optional>
#include <random>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/hash.hpp"

#if defined(_WIN32)
#include <process.h>
#include <windows.h>
#else
#include <unistd.h>
#endif

namespace oct {
namespace {

constexpr std::string_view kPrefix = ".octane-";
constexpr std::string_view kSuffix = ".tmp";
constexpr std::size_t kHostDigits = 16, kProcessDigits = 8, kRandomDigits = 32;
constexpr auto kForgottenAfter = std::chrono::hours(24);

std::uint32_t own_process() {
#if defined(_WIN32)
  return static_cast<std::uint32_t>(_getpid());
#else
  return static_cast<std::uint32_t>(getpid());
#endif
}

/// Whether no process of this number is there; false when in doubt.
bool is_gone(std::uint32_t process) {
#if defined(_WIN32)
  const HANDLE handle = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, process);
  if (handle != nullptr) CloseHandle(handle);
  return handle == nullptr && GetLastError() == ERROR_INVALID_PARAMETER;
#else
  const auto number = static_cast<pid_t>(process);  // 0 and less would stand for groups
  return number > 0 && kill(number, 0) != 0 && errno == ESRCH;
#endif
}

/// What the numbers of processes belong to; empty when that cannot be told.
std::string space_of_processes() {
#if defined(_WIN32)
  wchar_t name[256];
  DWORD size = 256;
  if (!GetComputerNameExW(ComputerNameDnsFullyQualified, name, &size)) return {};
  return utf8_from_path(std::filesystem::path(std::wstring(name, size)));
#else
  std::string start;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> start;
  std::error_code error;
  const std::filesystem::path space = std::filesystem::read_symlink("/proc/self/ns/pid", error);
  return start.empty() || space.empty() ? std::string() : start + space.string();
#endif
}

/// Nobody's is all zeros.
const std::string& own_host() {
  static const std::string digits = [] {
    const std::string space = space_of_processes();
    if (space.empty()) return std::string(kHostDigits, '0');
    Sha256 hash;
    hash.add(std::string_view("octane temporary 1"));
    hash.add(std::string_view(space));
    return hash.finish().hex().substr(0, kHostDigits);
  }();
  return digits;
}

std::string random_digits() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

struct TemporaryOwner {
  std::string_view host;
  std::uint32_t process = 0;
};

std::optional<TemporaryOwner> owner_from_name(std::string_view name) {
  constexpr std::size_t kProcessAt = kPrefix.size() + kHostDigits + 1;
  constexpr std::size_t kRandomAt = kProcessAt + kProcessDigits + 1;
  if (name.size() != kRandomAt + kRandomDigits + kSuffix.size()) return std::nullopt;
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return std::nullopt;
  if (name[kProcessAt - 1] != '-' || name[kRandomAt - 1] != '-') return std::nullopt;
  const auto hexadecimal = [](std::string_view text) {
    return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  };
  const std::string_view host = name.substr(kPrefix.size(), kHostDigits);
  const std::string_view process = name.substr(kProcessAt, kProcessDigits);
  if (!hexadecimal(host) || !hexadecimal(process) || !hexadecimal(name.substr(kRandomAt, kRandomDigits)))
    return std::nullopt;
  return TemporaryOwner{host, static_cast<std::uint32_t>(std::stoul(std::string(process), nullptr, 16))};
}

}  // namespace

std::string temporary_file_name(std::uint32_t process, const std::string& random_digits) {
  return fmt::format("{}{}-{:08x}-{}{}", kPrefix, own_host(), process, random_digits, kSuffix);
}

TemporaryFile make_temporary_file(const std::filesystem::path& folder, FileReaders readers) {
  TemporaryFile made;
  for (int attempt = 0; attempt < 3; ++attempt) {  // two equal names are less likely than a broken generator
    made.path = folder / path_from_utf8(temporary_file_name(own_process(), random_digits()));
    made.file = readers == FileReaders::owner ? create_private_file(made.path) : create_new_file(made.path);
    if (made.file || errno != EEXIST) break;
  }
  return made;
}

std::size_t remove_left_over_temporaries(const std::filesystem::path& folder,
                                         std::filesystem::file_time_type now) {
  std::error_code error;
  const std::filesystem::path place = folder.empty() ? std::filesystem::path(".") : folder;
  std::vector<std::filesystem::path> left_over;
  for (std::filesystem::directory_iterator at(place, error), end; !error && at != end; at.increment(error)) {
    const std::string name = utf8_from_path(at->path().filename());
    const auto owner = owner_from_name(name);
    std::error_code unknown;
    if (!owner || !std::filesystem::is_regular_file(at->symlink_status(unknown))) continue;
    const bool of_this_computer = owner->host == own_host() && own_host() != std::string(kHostDigits, '0');
    const auto written = std::filesystem::last_write_time(at->path(), unknown);
    if (unknown) continue;
    if (of_this_computer ? is_gone(owner->process) : now - written > kForgottenAfter)
      left_over.push_back(at->path());
  }
  return static_cast<std::size_t>(std::count_if(left_over.begin(), left_over.end(), [](const auto& path) {
    std::error_code failed;
    return std::filesystem::remove(path, failed);
  }));
}

}  // namespace oct
