#include "trace_rays_impl.hpp"

static_assert(__builtin_strcmp(OCT_ISA_NAME, "v3") == 0);

namespace oct::test {
constexpr Tracers kTracersV3 = OCT_ISA::kTracers;

namespace {

/// One packet and one node, box by box and ray by ray.
void compare_bounds(const PacketRays& packet, const Ray* rays, const WideNode& node, BoundsCount* count) {
  alignas(32) float first[kBvhWidth];
  Float8 near;
  const u32 allowed = sign_bits(pass_bounds(packet, node, &near));
  store(first, near);
  count->kept_out += kBvhWidth - static_cast<u32>(__builtin_popcount(allowed));
  for (u32 slot = 0; slot < kBvhWidth; ++slot) {
    const Bounds3 box{{node.bounds[0][0][slot], node.bounds[1][0][slot], node.bounds[2][0][slot]},
                      {node.bounds[0][1][slot], node.bounds[1][1][slot], node.bounds[2][1][slot]}};
    const u32 passing = pass_child(packet, node, slot, kAllRays);
    for (u32 i = 0; i < kPacketRays; ++i) {
      const Interval interval = slab_interval(slab_ray(rays[i].origin, rays[i].direction), box);
      const float near_of_ray = max(interval.near, max(rays[i].t_min, rays[i].after.t));
      const bool passes = near_of_ray <= min(interval.far, rays[i].t_max);
      count->passes += passes ? 1 : 0;
      count->violations += (passing >> i & 1u) != (passes ? 1u : 0u) ? 1 : 0;
      if (passes && ((allowed >> slot & 1u) == 0 || first[slot] > near_of_ray)) ++count->violations;
    }
  }
}

}  // namespace

BoundsCount count_bounds_v3(const Ray* rays, std::size_t count, const WideNode* nodes,
                            std::size_t node_count) {
  BoundsCount all{};
  PacketRays packet;
  for (std::size_t i = 0; i + kPacketRays <= count; i += kPacketRays) {
    if (!set_packet(packet, rays + i, kPacketRays)) continue;
    for (std::size_t node = 0; node < node_count; ++node) compare_bounds(packet, rays + i, nodes[node], &all);
  }
  return all;
}

}  // namespace oct::test
