#include "bench/ray_file.hpp"

#include <cstring>
#include <fstream>

namespace oct::bench {
namespace {

constexpr char kMagic[8] = {'O', 'C', 'T', 'R', 'A', 'Y', 'S', '1'};

}  // namespace

Result<void> write_ray_sets(const std::string& path, const std::vector<RaySet>& sets) {
  std::ofstream file(path, std::ios::binary);
  const auto write = [&](const void* bytes, std::size_t size) {
    file.write(static_cast<const char*>(bytes), static_cast<std::streamsize>(size));
  };
  write(kMagic, sizeof kMagic);
  for (const RaySet& set : sets) {
    const u64 sizes[3] = {set.name.size(), set.rays.size(), set.batch_ends.size()};
    write(sizes, sizeof sizes);
    write(set.name.data(), set.name.size());
    write(set.rays.data(), set.rays.size() * sizeof(Ray));
    write(set.batch_ends.data(), set.batch_ends.size() * sizeof(u64));
  }
  file.close();
  if (!file) return fail(ErrorKind::output, path + " could not be written");
  return {};
}

Result<std::vector<RaySet>> read_ray_sets(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const auto read = [&](void* bytes, std::size_t size) {
    return static_cast<bool>(file.read(static_cast<char*>(bytes), static_cast<std::streamsize>(size)));
  };
  char magic[sizeof kMagic];
  if (!read(magic, sizeof magic) || std::memcmp(magic, kMagic, sizeof magic) != 0) {
    return fail(ErrorKind::invalid_input, path + " does not hold rays that --write wrote");
  }
  std::vector<RaySet> sets;
  for (u64 sizes[3]; read(sizes, sizeof sizes);) {
    if (sizes[0] > 64 || sizes[1] > (u64{1} << 32) || sizes[2] > sizes[1]) {
      return fail(ErrorKind::invalid_input, path + " is damaged");
    }
    RaySet set{std::string(sizes[0], ' '), std::vector<Ray>(sizes[1]), std::vector<u64>(sizes[2])};
    if (!read(set.name.data(), sizes[0]) || !read(set.rays.data(), sizes[1] * sizeof(Ray)) ||
        !read(set.batch_ends.data(), sizes[2] * sizeof(u64))) {
      return fail(ErrorKind::invalid_input, path + " ends too early");
    }
    sets.push_back(std::move(set));
  }
  return sets;
}

}  // namespace oct::bench
