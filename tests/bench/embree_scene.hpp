#pragma once
#include <embree3/rtcore.h>

#include <span>

#include "render_data/render_data.hpp"

namespace oct::bench {

/// Embree's scene over the same triangles, all of them moved to the world.
class EmbreeScene {
 public:
  EmbreeScene(const RenderData& data, unsigned threads, RTCBuildQuality quality,
              RTCSceneFlags flags = RTC_SCENE_FLAG_NONE);
  ~EmbreeScene();
  EmbreeScene(const EmbreeScene&) = delete;
  EmbreeScene& operator=(const EmbreeScene&) = delete;

  /// Of processor time, all threads together, and of the clock.
  double build_cpu_seconds() const { return build_cpu_seconds_; }
  double build_seconds() const { return build_seconds_; }

  /// t of the closest hit per ray, infinity for none. Embree knows no excluded triangle: rays that leave a
  /// surface begin a little later.
  void closest(std::span<const Ray> rays, float* t) const;
  /// The same in packets of eight.
  void closest_in_packets(std::span<const Ray> rays, float* t) const;
  /// Whether anything is hit, one by one and in packets of eight.
  void occluded(std::span<const Ray> rays, u32* masks) const;
  void occluded_in_packets(std::span<const Ray> rays, u32* masks) const;

 private:
  void add(const RenderData& data, const Instance& instance);

  RTCDevice device_;
  RTCScene scene_;
  double build_cpu_seconds_ = 0;
  double build_seconds_ = 0;
};

}  // namespace oct::bench
