#pragma once
#include <span>

#include "compile/textures.hpp"

namespace oct {

/// One texture of a material: where it comes from, where its index goes, and whether it can matter.
struct TextureUse {
  const std::optional<SceneTexture>& source;
  u32& slot;
  TexelUse use;
  bool matters;
};

/// Gives each texture that is there and matters its slot.
inline Result<void> add_used_textures(std::span<const TextureUse> uses, TextureTable& textures,
                                      RenderData& data) {
  for (const TextureUse& texture : uses) {
    if (!texture.source || !texture.matters) continue;
    OCT_TRY_ASSIGN(texture.slot, textures.add_slot(*texture.source, texture.use, data));
  }
  return {};
}

}  // namespace oct
