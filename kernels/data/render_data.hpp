#pragma once
#include "data/types.hpp"

namespace oct {

/// A read-only view of an array. Kernels take views by value.
template <class T>
struct ConstSpan {
  const T* data;
  u64 size;

  OCT_HD_SHARED const T& operator[](u64 index) const { return data[index]; }
};

/// The one list of arrays that make up a compiled scene. Instantiated for host vectors, device memory and
/// views; hash, serialize, rebuild, upload and validate are loops over each(), so a new array is one member
/// and one line.
template <template <class> class Array>
struct RenderDataArrays {
  Array<Vec3> positions;  ///< object space, for baked meshes too
  Array<u32> normals;     ///< octahedral, 2 x 16 bits (data/packing.hpp)
  Array<Vec4> tangents;   ///< w = handedness
  Array<Vec2> uvs;
  Array<Vec4> colors;  ///< linear RGBA
  Array<Triangle> triangles;
  Array<Mesh> meshes;
  Array<Instance> instances;
  Array<Material> materials;
  Array<MaterialLayers> material_layers;  ///< of the materials that have any
  Array<TextureSlot> texture_slots;
  Array<TextureImage> texture_images;
  Array<u32> texels;
  Array<Light> lights;
  Array<AliasEntry> light_alias;        ///< as many as lights
  Array<Environment> environments;      ///< exactly one
  Array<AliasEntry> environment_alias;  ///< alias_width x alias_height, rows from the top
  Array<float>
      environment_density;  ///< of each cell: how likely environment_alias draws it, times the cell count
  Array<Camera> cameras;    ///< exactly one
  Array<RenderSettings> settings;  ///< exactly one

  /// Calls visitor(name, array) for each array, always in this order.
  template <class Self, class Visitor>
  static void each(Self& self, Visitor&& visitor) {
    visitor("positions", self.positions);
    visitor("normals", self.normals);
    visitor("tangents", self.tangents);
    visitor("uvs", self.uvs);
    visitor("colors", self.colors);
    visitor("triangles", self.triangles);
    visitor("meshes", self.meshes);
    visitor("instances", self.instances);
    visitor("materials", self.materials);
    visitor("material_layers", self.material_layers);
    visitor("texture_slots", self.texture_slots);
    visitor("texture_images", self.texture_images);
    visitor("texels", self.texels);
    visitor("lights", self.lights);
    visitor("light_alias", self.light_alias);
    visitor("environments", self.environments);
    visitor("environment_alias", self.environment_alias);
    visitor("environment_density", self.environment_density);
    visitor("cameras", self.cameras);
    visitor("settings", self.settings);
  }
};

inline constexpr u32 kRenderDataArrayCount = 20;

/// What kernels read.
using RenderDataView = RenderDataArrays<ConstSpan>;

}  // namespace oct
