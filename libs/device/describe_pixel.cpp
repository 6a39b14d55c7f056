#include "device/describe_pixel.hpp"

#include <fmt/format.h>

#include "base/float_mode.hpp"
#include "base/thread_pool.hpp"
#include "device/bvh_builder.hpp"
#include "path/trace_path.hpp"

namespace oct {
namespace {

std::string text(Vec3 v) {
  return fmt::format("({:.9g}, {:.9g}, {:.9g})", v.x, v.y, v.z);
}

/// Writes down what the driver of the path tells.
class PathLog {
 public:
  explicit PathLog(const RenderDataView& view) : view_(view) {}

  void hit(const PathState& state, const Hit& hit) {
    state_ = state;
    line("depth {}: ray from {} toward {}", state.depth, text(state.origin), text(state.direction));
    line("  throughput {}, pdf of its direction {:.9g}", text(state.throughput), state.bsdf_pdf);
    if (state.after.t >= 0.0f) {
      line("  goes on behind t {:.9g}, instance {}, triangle {}", state.after.t, state.after.instance,
           state.after.primitive);
    }
    if (hit.instance == kNone) {
      line("  leaves the scene");
    } else {
      describe_hit(state, hit);
    }
  }

  void shaded(const PathState& state, const ShadedPath& shaded) {
    if (!is_black(shaded.emitted)) line("  emission adds {}", text(shaded.emitted));
    if (!shaded.goes_on) {
      line("  the path ends here");
    } else if (state.depth == state_.depth) {
      line("  goes straight on");
    } else {
      line("  scatters toward {}, throughput {}", text(state.direction), text(state.throughput));
    }
  }

  void shadow(const ShadowRequest& request, Vec3 radiance) {
    line("  light sample toward {}, range of t {:.9g}", text(request.ray.direction), request.ray.t_max);
    line("    would bring {}, brings {}", text(request.radiance), text(radiance));
  }

  void add(u32, const FixedContribution& contribution) {
    for (u32 channel = 0; channel < kFilmChannels; ++channel) sums_[channel] += contribution.sums[channel];
    non_finite_ += contribution.non_finite;
  }

  std::string finish() {
    line("sums of this sample, in units of 2^{}: R {}, G {}, B {}, luminance {}",
         view_.settings[0].quantum_log2, sums_[0], sums_[1], sums_[2], sums_[3]);
    if (non_finite_ > 0) line("contributions that were not finite: {}", non_finite_);
    return std::move(text_);
  }

  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
    text_ += '\n';
  }

 private:
  void describe_hit(const PathState& state, const Hit& hit) {
    const Surface surface = surface_at(view_, next_ray(state), hit);
    const ShadingMaterial material = material_of(view_, state, surface);
    line("  hits instance {}, triangle {}, {} side, at t {:.9g}, u {:.9g}, v {:.9g}", hit.instance,
         hit.primitive, surface.front ? "front" : "back", hit.t, hit.u, hit.v);
    const Instance& instance = view_.instances[hit.instance];
    if (is_culled(instance, view_.materials[instance.material], hit))
      line("  is not there from behind: material {} is single-sided", instance.material);
    line("  position {}, geometric normal {}, offset {:.3g}", text(surface.position),
         text(surface.geometric_normal), surface.offset);
    line("  material {}: normal {}, base colour {}, emission {}", surface.material, text(material.normal),
         text(material.base_color), text(material.emission));
    line("    metallic {:.6g}, roughness {:.6g}, specular {:.6g}, ior {:.6g}, transmission {:.6g}",
         material.metallic, material.roughness, material.specular, material.ior, material.transmission);
    if (material.layers.present != 0) describe_layers(material.layers);
    const MediumBoundary boundary = boundary_at(view_, state.media, surface.instance, surface.front);
    if (boundary.here != kNone || boundary.is_body)
      line("    medium of the ray {}, behind the surface {}", medium(boundary.here), medium(boundary.beyond));
  }

  void describe_layers(const ShadingLayers& layers) {
    if ((layers.present & kLayerClearcoat) != 0)
      line("    clearcoat {:.6g}, roughness {:.6g}, normal {}", layers.coat_factor, layers.coat_roughness,
           text(layers.coat_normal));
    if ((layers.present & kLayerSheen) != 0)
      line("    sheen {}, roughness {:.6g}", text(layers.sheen_color), layers.sheen_roughness);
    if ((layers.present & kLayerAnisotropy) != 0)
      line("    anisotropy {:.6g} along {}", layers.anisotropy, text(layers.tangent));
    if ((layers.present & kLayerIridescence) != 0)
      line("    iridescence {:.6g}, film of ior {:.6g} and {:.6g} nm", layers.film_factor, layers.film_ior,
           layers.film_thickness_nm);
    if ((layers.present & kLayerDiffuseTransmission) != 0)
      line("    diffuse transmission {:.6g}, colour {}", layers.diffuse_transmission,
           text(layers.diffuse_transmission_color));
  }

  static std::string medium(u32 material) {
    return material == kNone ? "vacuum" : fmt::format("of material {}", material);
  }

  const RenderDataView& view_;
  PathState state_{};
  std::string text_;
  i64 sums_[kFilmChannels] = {};
  u64 non_finite_ = 0;
};

}  // namespace

Result<std::string> describe_pixel(const RenderDataPtr& data, std::uint32_t x, std::uint32_t y,
                                   std::uint32_t sample) {
  const RenderSettings& settings = data->settings[0];
  if (x >= settings.width || y >= settings.height) {
    return fail(ErrorKind::invalid_input, fmt::format("pixel {},{} is outside the picture of {}x{}", x, y,
                                                      settings.width, settings.height));
  }
  set_float_mode();
  ThreadPool pool;
  ProgressCounter progress{0};
  OCT_TRY_ASSIGN(const HostBvh bvh, HostBvh::build(*data, pool, {}, progress));
  const RenderDataView view = view_of(*data);
  PathLog log(view);
  log.line("pixel {},{}, sample {}, seed {}, frame {}", x, y, sample, settings.seed, settings.frame);
  trace_path(view, bvh.view(), y * settings.width + x, sample, log, log);
  return log.finish();
}

}  // namespace oct
