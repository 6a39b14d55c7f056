#pragma once
#include <string>

#include "data/render_data.hpp"
#include "geometry/bvh.hpp"

namespace oct::bench {

/// One of the kernels that trace recorded rays.
struct RayVariant {
  bool shadows;    ///< any hit; else the closest one
  bool instances;  ///< whether the kernel can enter them; it must where there are any
  bool alpha;      ///< shadows alone: whether materials are asked what they let through
  u32 width;       ///< of nodes: 2 or 4
};

/// "closest, instances, 4 wide"
std::string name_of(const RayVariant& variant);

/// A scene and rays in the memory of the calling thread's current GPU.
struct RecordedRays {
  RenderDataView scene;
  SceneBvh bvh;  ///< compact nodes of the variant's width
  const Ray* rays;
  u32 count;
  Hit* hits;     ///< of closest; count
  u32* blocked;  ///< of shadows: channels, bits 0 to 2; count
  u32* next;     ///< one
};

/// The best of `rounds` by events; negative when CUDA failed. Hits or channels are those of the last one.
double trace_seconds(const RayVariant& variant, const RecordedRays& work, int rounds);

}  // namespace oct::bench
