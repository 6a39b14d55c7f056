#include "common/cache_options.hpp"

namespace oct {
namespace {

constexpr std::uint64_t kMostMegabytes = 1'000'000'000;

}  // namespace

Result<void> read_cache(const CommandLine& line, std::string& folder, std::uint64_t& megabytes) {
  OCT_TRY_ASSIGN(const auto size, line.whole("cache-size", 1, kMostMegabytes));
  const auto given = line.text("cache-dir");
  if (given && given->empty())
    return fail(ErrorKind::invalid_input, "--cache-dir: the name of the folder is empty");
  if (size && !given) return fail(ErrorKind::invalid_input, "--cache-size goes with --cache-dir FOLDER");
  folder = given.value_or(folder);
  megabytes = size.value_or(megabytes);
  return {};
}

}  // namespace oct
