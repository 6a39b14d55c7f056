#include "embree_scene.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <limits>
#include <string>

#include "math/transform.hpp"

namespace oct::bench {
namespace {

constexpr float kNothing = std::numeric_limits<float>::infinity();
/// Where rays that leave a surface begin, in metres.
constexpr float kLeave = 1e-4f;
constexpr std::size_t kPacket = 8;

float first_t(const Ray& ray) {
  if (ray.after.t >= 0) return ray.after.t + kLeave;
  return ray.exclude_instance == kNone ? ray.t_min : ray.t_min + kLeave;
}

RTCRayHit make_query(const Ray& ray) {
  RTCRayHit query{};
  query.ray = {ray.origin.x,
               ray.origin.y,
               ray.origin.z,
               first_t(ray),
               ray.direction.x,
               ray.direction.y,
               ray.direction.z,
               0,
               ray.t_max,
               ~0u,
               0,
               0};
  query.hit.geomID = RTC_INVALID_GEOMETRY_ID;
  query.hit.instID[0] = RTC_INVALID_GEOMETRY_ID;
  return query;
}

struct alignas(32) Packet {
  int valid[kPacket];
  RTCRayHit8 query;
};

/// The next rays of a list, at most eight; returns how many.
std::size_t fill_packet(std::span<const Ray> rays, Packet& packet) {
  const std::size_t count = std::min(rays.size(), kPacket);
  for (std::size_t lane = 0; lane < kPacket; ++lane) {
    packet.valid[lane] = lane < count ? -1 : 0;
    const RTCRayHit one = make_query(rays[std::min(lane, count - 1)]);
    RTCRay8& ray = packet.query.ray;
    ray.org_x[lane] = one.ray.org_x;
    ray.org_y[lane] = one.ray.org_y;
    ray.org_z[lane] = one.ray.org_z;
    ray.tnear[lane] = one.ray.tnear;
    ray.dir_x[lane] = one.ray.dir_x;
    ray.dir_y[lane] = one.ray.dir_y;
    ray.dir_z[lane] = one.ray.dir_z;
    ray.time[lane] = 0;
    ray.tfar[lane] = one.ray.tfar;
    ray.mask[lane] = ~0u;
    ray.id[lane] = 0;
    ray.flags[lane] = 0;
    packet.query.hit.geomID[lane] = RTC_INVALID_GEOMETRY_ID;
    packet.query.hit.instID[0][lane] = RTC_INVALID_GEOMETRY_ID;
  }
  return count;
}

RTCIntersectContext make_context() {
  RTCIntersectContext context;
  rtcInitIntersectContext(&context);
  return context;
}

}  // namespace

EmbreeScene::EmbreeScene(const RenderData& data, unsigned threads, RTCBuildQuality quality,
                         RTCSceneFlags flags)
    : device_(rtcNewDevice(("threads=" + std::to_string(threads)).c_str())), scene_(rtcNewScene(device_)) {
  rtcSetSceneFlags(scene_, flags);
  rtcSetSceneBuildQuality(scene_, quality);
  for (const Instance& instance : data.instances) add(data, instance);
  const std::clock_t cpu = std::clock();
  const auto start = std::chrono::steady_clock::now();
  rtcCommitScene(scene_);
  build_cpu_seconds_ = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
  build_seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

EmbreeScene::~EmbreeScene() {
  rtcReleaseScene(scene_);
  rtcReleaseDevice(device_);
}

void EmbreeScene::add(const RenderData& data, const Instance& instance) {
  const Mesh& mesh = data.meshes[instance.mesh];
  const RTCGeometry geometry = rtcNewGeometry(device_, RTC_GEOMETRY_TYPE_TRIANGLE);
  auto* vertices = static_cast<float*>(
      rtcSetNewGeometryBuffer(geometry, RTC_BUFFER_TYPE_VERTEX, 0, RTC_FORMAT_FLOAT3, 12, mesh.vertex_count));
  auto* triangles = static_cast<u32*>(
      rtcSetNewGeometryBuffer(geometry, RTC_BUFFER_TYPE_INDEX, 0, RTC_FORMAT_UINT3, 12, mesh.triangle_count));
  for (u32 i = 0; i < mesh.vertex_count; ++i) {
    const Vec3 p = transform_point(instance.world_from_object, data.positions[mesh.first_vertex + i]);
    vertices[3 * i] = p.x;
    vertices[3 * i + 1] = p.y;
    vertices[3 * i + 2] = p.z;
  }
  for (u32 i = 0; i < mesh.triangle_count; ++i) {
    for (u32 k = 0; k < 3; ++k) triangles[3 * i + k] = data.triangles[mesh.first_triangle + i].v[k];
  }
  rtcCommitGeometry(geometry);
  rtcAttachGeometry(scene_, geometry);
  rtcReleaseGeometry(geometry);
}

void EmbreeScene::closest(std::span<const Ray> rays, float* t) const {
  RTCIntersectContext context = make_context();
  for (std::size_t i = 0; i < rays.size(); ++i) {
    RTCRayHit query = make_query(rays[i]);
    rtcIntersect1(scene_, &context, &query);
    t[i] = query.hit.geomID == RTC_INVALID_GEOMETRY_ID ? kNothing : query.ray.tfar;
  }
}

void EmbreeScene::closest_in_packets(std::span<const Ray> rays, float* t) const {
  RTCIntersectContext context = make_context();
  context.flags = RTC_INTERSECT_CONTEXT_FLAG_COHERENT;
  Packet packet;
  for (std::size_t i = 0; i < rays.size(); i += kPacket) {
    const std::size_t count = fill_packet(rays.subspan(i), packet);
    rtcIntersect8(packet.valid, scene_, &context, &packet.query);
    for (std::size_t lane = 0; lane < count; ++lane) {
      const bool hit = packet.query.hit.geomID[lane] != RTC_INVALID_GEOMETRY_ID;
      t[i + lane] = hit ? packet.query.ray.tfar[lane] : kNothing;
    }
  }
}

void EmbreeScene::occluded(std::span<const Ray> rays, u32* masks) const {
  RTCIntersectContext context = make_context();
  for (std::size_t i = 0; i < rays.size(); ++i) {
    RTCRay query = make_query(rays[i]).ray;
    rtcOccluded1(scene_, &context, &query);
    masks[i] = query.tfar < 0 ? 7 : 0;
  }
}

void EmbreeScene::occluded_in_packets(std::span<const Ray> rays, u32* masks) const {
  RTCIntersectContext context = make_context();
  Packet packet;
  for (std::size_t i = 0; i < rays.size(); i += kPacket) {
    const std::size_t count = fill_packet(rays.subspan(i), packet);
    rtcOccluded8(packet.valid, scene_, &context, &packet.query.ray);
    for (std::size_t lane = 0; lane < count; ++lane)
      masks[i + lane] = packet.query.ray.tfar[lane] < 0 ? 7 : 0;
  }
}

}  // namespace oct::bench
