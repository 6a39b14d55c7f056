#include "base/output_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/escaped.hpp"
#include "base/output_target.hpp"

#if defined(_WIN32)
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#include <windows.h>
#else
#include <sys/stat.h>
#endif

namespace oct {
namespace {

namespace fs = std::filesystem;

/// Empty for a FIFO or a device, and for what cannot be written anyhow.
fs::path place_of(const std::string& path) {
  const auto target = find_output_target(path);
  if (!target || target->kind != OutputTarget::Kind::file) return {};
  std::error_code error;
  fs::path place = fs::absolute(target->path, error);
  const fs::path plain = fs::weakly_canonical(place, error);
  return error ? place : plain;
}

/// The system's number for a file that exists: hard links have one, and names that differ in capitals where the file
/// system cares for none. Nothing for what is not there.
std::optional<std::string> number_of(const fs::path& place) {
#if defined(_WIN32)
  constexpr DWORD kAnyShare = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
  const HANDLE file =
      CreateFileW(place.c_str(), 0, kAnyShare, nullptr, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, nullptr);
  if (file == INVALID_HANDLE_VALUE) return std::nullopt;
  BY_HANDLE_FILE_INFORMATION about{};
  const bool is_known = GetFileInformationByHandle(file, &about) != 0;
  CloseHandle(file);
  if (!is_known) return std::nullopt;
  return fmt::format("{}:{}:{}", about.dwVolumeSerialNumber, about.nFileIndexHigh, about.nFileIndexLow);
#else
  struct stat status {};
  if (stat(place.c_str(), &status) != 0) return std::nullopt;
  return fmt::format("{}:{}", status.st_dev, status.st_ino);
#endif
}

bool is_one_file(const fs::path& a, const fs::path& b) {
  std::error_code error;
  return fs::equivalent(a, b, error) && !error;
}

/// "two outputs", "the report and an output"
std::string both_text(const std::string& one, const std::string& other) {
  constexpr std::string_view kOutput = "an output";
  if (one == other && one.starts_with(kOutput)) return "two outputs" + one.substr(kOutput.size());
  return fmt::format("{} and {}", one, other);
}

}  // namespace

const OutputNames::Name* OutputNames::find_same(const fs::path& place) const {
  if (const auto found = names_.find(place); found != names_.end()) return &found->second;
  const auto number = number_of(place);
  if (!number) return nullptr;
  const auto [first, last] = files_.equal_range(*number);
  const auto same =
      std::find_if(first, last, [&](const auto& file) { return is_one_file(file.second, place); });
  return same == last ? nullptr : &names_.at(same->second);
}

Result<void> OutputNames::add(const std::string& what, const std::string& path) {
  if (path.empty()) return {};
  const fs::path place = place_of(path);
  if (place.empty()) return {};
  if (const Name* other = find_same(place)) {
    const std::string both = both_text(other->what, what);
    const std::string text = other->path == path
                                 ? fmt::format("{}: {} have this name", escaped(path), both)
                                 : fmt::format("{} and {} are one file: {} would replace each other",
                                               escaped(other->path), escaped(path), both);
    return fail(ErrorKind::invalid_input, text, "give each a file of its own");
  }
  if (auto number = number_of(place)) files_.emplace(*std::move(number), place);
  names_.emplace(place, Name{what, path});
  return {};
}

}  // namespace oct
