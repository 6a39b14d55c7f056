#pragma once
#include <embree3/rtcore.h>

#include <string>
#include <vector>

#include "bench_scenes.hpp"

namespace oct::bench {

/// Embree's scene over the same triangles, all in world space.
class EmbreeScene {
 public:
  EmbreeScene(const RenderData& data, unsigned threads, RTCSceneFlags flags,
              RTCBuildQuality quality = RTC_BUILD_QUALITY_MEDIUM) {
    device_ = rtcNewDevice(("threads=" + std::to_string(threads)).c_str());
    scene_ = rtcNewScene(device_);
    rtcSetSceneFlags(scene_, flags);
    rtcSetSceneBuildQuality(scene_, quality);
    for (const Instance& instance : data.instances) add(data, instance);
  }
  ~EmbreeScene() {
    rtcReleaseScene(scene_);
    rtcReleaseDevice(device_);
  }

  /// Builds the tree; before any ray.
  void build() { rtcCommitScene(scene_); }

  void closest(const std::vector<Ray>& rays, float* t) const {
    RTCIntersectContext context;
    rtcInitIntersectContext(&context);
    for (std::size_t i = 0; i < rays.size(); ++i) {
      RTCRayHit query = make_query(rays[i]);
      rtcIntersect1(scene_, &context, &query);
      t[i] = query.hit.geomID == RTC_INVALID_GEOMETRY_ID ? __builtin_huge_valf() : query.ray.tfar;
    }
  }

  std::size_t occluded(const std::vector<Ray>& rays) const {
    RTCIntersectContext context;
    rtcInitIntersectContext(&context);
    std::size_t count = 0;
    for (const Ray& ray : rays) {
      RTCRay query = make_query(ray).ray;
      rtcOccluded1(scene_, &context, &query);
      count += query.tfar < 0 ? 1 : 0;
    }
    return count;
  }

 private:
  void add(const RenderData& data, const Instance& instance) {
    const Mesh& mesh = data.meshes[instance.mesh];
    const RTCGeometry geometry = rtcNewGeometry(device_, RTC_GEOMETRY_TYPE_TRIANGLE);
    auto* vertices = static_cast<float*>(rtcSetNewGeometryBuffer(geometry, RTC_BUFFER_TYPE_VERTEX, 0,
                                                                 RTC_FORMAT_FLOAT3, 12, mesh.vertex_count));
    auto* triangles = static_cast<u32*>(rtcSetNewGeometryBuffer(geometry, RTC_BUFFER_TYPE_INDEX, 0,
                                                                RTC_FORMAT_UINT3, 12, mesh.triangle_count));
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

  static RTCRayHit make_query(const Ray& ray) {
    RTCRayHit query{};
    query.ray = {ray.origin.x,
                 ray.origin.y,
                 ray.origin.z,
                 ray.t_min,
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

  RTCDevice device_;
  RTCScene scene_;
};

}  // namespace oct::bench
