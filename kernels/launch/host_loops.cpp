#include "launch/host_loops.hpp"

#include "data/packing.hpp"

namespace oct::inline OCT_ISA {
namespace {

void pack_normals(const Vec3* normals, u32* packed, u64 count) {
  for (u64 i = 0; i < count; ++i) packed[i] = pack_normal(normals[i]);
}

}  // namespace
}  // namespace oct::inline OCT_ISA

namespace oct {

#define OCT_HOST_LOOPS_OF_INNER(isa) host_loops_##isa
#define OCT_HOST_LOOPS_OF(isa) OCT_HOST_LOOPS_OF_INNER(isa)

HostLoops OCT_HOST_LOOPS_OF(OCT_ISA)() {
  return {&pack_normals};
}

}  // namespace oct
