#include "base/output_names.hpp"

#include <fmt/format.h>

#include "base/escaped.hpp"
#include "base/output_target.hpp"

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

/// The system knows of hard links, and of file systems that care for no capitals.
bool is_one_file(const fs::path& a, const fs::path& b) {
  std::error_code error;
  return a == b || (fs::equivalent(a, b, error) && !error);
}

}  // namespace

Result<void> OutputNames::add(const std::string& what, const std::string& path) {
  if (path.empty()) return {};
  Name name{what, path, place_of(path)};
  if (name.place.empty()) return {};
  for (const Name& other : names_) {
    if (!is_one_file(other.place, name.place)) continue;
    const std::string both = other.what == what && what == "an output"
                                 ? std::string("two outputs")
                                 : fmt::format("{} and {}", other.what, what);
    const std::string text = other.path == path
                                 ? fmt::format("{}: {} have this name", escaped(path), both)
                                 : fmt::format("{} and {} are one file: {} would replace each other",
                                               escaped(other.path), escaped(path), both);
    return fail(ErrorKind::invalid_input, text, "give each a file of its own");
  }
  names_.push_back(std::move(name));
  return {};
}

}  // namespace oct
