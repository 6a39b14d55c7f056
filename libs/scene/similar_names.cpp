#include "scene/similar_names.hpp"

#include <cstdlib>
#include <memory>
#include <system_error>

#include "base/file.hpp"

#include <utf8proc.h>

namespace oct {
namespace {

namespace fs = std::filesystem;

/// More names than this a folder of pictures does not have; a listing has to end.
constexpr std::size_t kMostNames = 200'000;

std::string lower_ascii(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

}  // namespace

std::string folded_file_name(std::string_view name) {
  utf8proc_uint8_t* folded = nullptr;
  const auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
  const utf8proc_ssize_t length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(name.data()),
                                               static_cast<utf8proc_ssize_t>(name.size()), &folded, options);
  const std::unique_ptr<utf8proc_uint8_t, void (*)(void*)> owner(folded, std::free);
  if (length >= 0) return {reinterpret_cast<const char*>(folded), static_cast<std::size_t>(length)};
  return lower_ascii(name);  // also of what is not UTF-8
}

std::optional<std::string> SimilarNames::find(const fs::path& folder, std::string_view relative) {
  fs::path place = folder;
  std::string found;
  while (!relative.empty()) {
    const std::size_t slash = relative.find('/');
    const std::string part(relative.substr(0, slash));
    relative = slash == std::string_view::npos ? std::string_view() : relative.substr(slash + 1);
    if (part.empty()) continue;
    std::string written = part;
    std::error_code error;
    if (part != "." && part != ".." && !fs::exists(place / path_from_utf8(part), error)) {
      const Names& names = names_in(place);
      const auto known = names.find(folded_file_name(part));
      if (known == names.end()) return std::nullopt;
      written = known->second;
    }
    place /= path_from_utf8(written);
    found += (found.empty() ? "" : "/") + written;
  }
  return found;
}

const SimilarNames::Names& SimilarNames::names_in(const fs::path& folder) {
  const auto [known, is_new] = known_.try_emplace(folder);
  if (!is_new) return known->second;
  Names& names = known->second;
  std::error_code error;
  std::size_t count = 0;
  fs::directory_iterator entry(folder, error);
  for (const fs::directory_iterator end; !error && entry != end && count < kMostNames; ++count) {
    const std::string name = utf8_from_path(entry->path().filename());
    const auto [place, first] = names.try_emplace(folded_file_name(name), name);
    if (!first && name < place->second) place->second = name;
    entry.increment(error);
  }
  return names;
}

}  // namespace oct
