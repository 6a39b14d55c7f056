#pragma once
#include "data/render_data.hpp"

namespace oct::inline OCT_ISA {

/// Whether light can get into a body of the material: it is solid, and transmits. Whatever a texture says, which
/// may forbid it at places.
OCT_HD bool lets_light_in(const RenderDataView& view, const Material& material) {
  if ((material.flags & (kMaterialThinWalled | kMaterialUnlit)) != 0) return false;
  if (material.transmission > 0.0f) return true;
  return material.layers != kNone && view.material_layers[material.layers].diffuse_transmission.factor > 0.0f;
}

}  // namespace oct::inline OCT_ISA
