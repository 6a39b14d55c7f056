#include "compile/environment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/float_mode.hpp"
#include "compile/alias_table.hpp"
#include "compile/luminance.hpp"
#include "compile/texels.hpp"
#include "math/transcendental.hpp"
#include "math/vec.hpp"

namespace oct {
namespace {

/// How many cells the table has: as many as texels, or a whole fraction of them in both directions.
struct CellGrid {
  u32 width, height;
};
CellGrid cell_grid(u32 width, u32 height) {
  for (u32 factor = 1;; ++factor) {
    const CellGrid grid{(width + factor - 1) / factor, (height + factor - 1) / factor};
    if (u64{grid.width} * grid.height <= kMaxEnvironmentCells) return grid;
  }
}

/// Mean luminance over each texel's square of the image as bilinear lookups rebuild it: its own value and
/// those of its neighbours, weighted [1 6 1] / 8 in both directions; columns wrap, rows end.
std::vector<float> smoothed_luminance(const TexelReader& texels, Vec3 factor, ThreadPool& pool) {
  const u32 width = texels.width();
  const u32 height = texels.height();
  std::vector<float> rows(std::size_t{width} * height);
  pool.for_each(height, [&](std::size_t y) {
    std::vector<float> plain(width);
    for (u32 x = 0; x < width; ++x) {
      plain[x] = static_cast<float>(luminance_of(texels.at(x, static_cast<u32>(y)) * factor));
    }
    for (u32 x = 0; x < width; ++x) {
      const float sides = plain[(x + width - 1) % width] + plain[(x + 1) % width];
      rows[y * width + x] = 0.75f * plain[x] + 0.125f * sides;
    }
  });
  std::vector<float> result(rows.size());
  pool.for_each(height, [&](std::size_t y) {
    const float* above = rows.data() + (y == 0 ? 0 : y - 1) * width;
    const float* below = rows.data() + std::min<std::size_t>(y + 1, height - 1) * width;
    for (u32 x = 0; x < width; ++x)
      result[y * width + x] = 0.75f * rows[y * width + x] + 0.125f * (above[x] + below[x]);
  });
  return result;
}

/// Solid angle of a texel of row y: cosine of its latitude times its extent.
double texel_solid_angle(u32 y, u32 width, u32 height) {
  const u32 from_pole = std::min(y, height - 1 - y);
  const float polar = kPi * (static_cast<float>(from_pole) + 0.5f) / static_cast<float>(height);
  return static_cast<double>(sin(polar)) * (2 * kPiDouble / width) * (kPiDouble / height);
}

/// Texels that cell `index` of `cells` overlaps, out of `texels`: [first, last), and by how much.
struct Overlap {
  u32 first, last;
  double begin, end;

  Overlap(u32 index, u32 cells, u32 texels)
      : begin(static_cast<double>(u64{index} * texels) / cells),
        end(static_cast<double>((u64{index} + 1) * texels) / cells) {
    first = static_cast<u32>(begin);
    last = std::min(texels, static_cast<u32>(end) + (end > static_cast<u32>(end) ? 1u : 0u));
  }
  double share(u32 texel) const {
    return std::min(end, texel + 1.0) - std::max(begin, static_cast<double>(texel));
  }
};

/// Luminance times solid angle of each cell.
std::vector<double> cell_weights(const TexelReader& texels, Vec3 factor, CellGrid grid, ThreadPool& pool) {
  const u32 width = texels.width();
  const std::vector<float> luminance = smoothed_luminance(texels, factor, pool);
  std::vector<double> weights(std::size_t{grid.width} * grid.height);
  pool.for_each(grid.height, [&](std::size_t row) {
    const Overlap down(static_cast<u32>(row), grid.height, texels.height());
    for (u32 column = 0; column < grid.width; ++column) {
      const Overlap across(column, grid.width, width);
      double weight = 0;
      for (u32 y = down.first; y < down.last; ++y) {
        double sum = 0;
        for (u32 x = across.first; x < across.last; ++x) {
          sum += across.share(x) * static_cast<double>(luminance[std::size_t{y} * width + x]);
        }
        weight += sum * down.share(y) * texel_solid_angle(y, width, texels.height());
      }
      weights[row * grid.width + column] = weight;
    }
  });
  return weights;
}

EnvironmentTables make_tables(const SceneImage& image, Vec3 radiance, ThreadPool& pool) {
  const RenderData alone = image_alone(image, TexelUse::color);
  const TexelReader texels(alone, 0);
  const CellGrid grid = cell_grid(texels.width(), texels.height());
  const std::vector<double> weights = cell_weights(texels, radiance, grid, pool);
  EnvironmentTables tables;
  tables.luminance = sum_in_blocks(weights, pool);
  if (!(tables.luminance > 0)) return {};
  AliasTable table = make_alias_table(weights, pool);
  tables.width = grid.width;
  tables.height = grid.height;
  tables.density.resize(weights.size());
  pool.for_ranges(weights.size(), 65536, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) tables.density[i] = table.density(i);
  });
  tables.alias = std::move(table.entries);
  return tables;
}

}  // namespace

std::future<EnvironmentTables> start_environment_tables(const PosedScene& scene, unsigned threads) {
  if (!scene.environment || !scene.environment->image) return {};
  const std::size_t image = *scene.environment->image;
  const Vec3 radiance = clean_radiance(scene.environment->radiance);
  if (image >= scene.images.size() || !(luminance_of(radiance) > 0)) return {};
  return std::async(std::launch::async, [&picture = scene.images[image], radiance, threads] {
    set_float_mode();
    ThreadPool pool(threads);
    return make_tables(picture, radiance, pool);
  });
}

Result<double> add_environment(const PosedScene& scene, TextureTable& textures,
                               std::future<EnvironmentTables> tables, ThreadPool& pool, RenderData& data) {
  Environment environment{};
  environment.image = kNone;
  environment.light = kNone;
  environment.cos_rotation = 1;
  double luminance = 0;
  if (scene.environment) {
    const SceneEnvironment& source = *scene.environment;
    if (!is_finite(source.rotation_degrees))
      return fail(ErrorKind::invalid_input, "the environment's rotation is not finite");
    const float turn = source.rotation_degrees / 360.0f;
    const float angle = (turn - floor(turn)) * (2.0f * kPi);
    environment.radiance = clean_radiance(source.radiance);
    environment.cos_rotation = cos(angle);
    environment.sin_rotation = sin(angle);
    environment.visible = source.visible ? 1 : 0;
    luminance = 4 * kPiDouble * luminance_of(environment.radiance);
    if (source.image && luminance > 0) {
      OCT_TRY_ASSIGN(environment.image, textures.add_image(*source.image, TexelUse::color, data));
      textures.fill(pool, data);
      EnvironmentTables made = tables.get();
      luminance = made.luminance;
      environment.alias_width = made.width;
      environment.alias_height = made.height;
      data.environment_alias = std::move(made.alias);
      data.environment_density = std::move(made.density);
    }
  }
  data.environments.edit().push_back(environment);
  return luminance;
}

}  // namespace oct
