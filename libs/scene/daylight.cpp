#include "scene/daylight.hpp"

#include "math/transcendental.hpp"

// Everything is computed by the kernels' own functions, so that a sky has the same bits on every computer.

namespace oct {
namespace {

constexpr std::uint32_t kSkyWidth = 512;
constexpr std::uint32_t kSkyHeight = 256;
/// Illuminance of a surface that faces a sun in the zenith at turbidity 3, sky included, in lux: it becomes pi.
constexpr float kFullDaylight = 120e3f;
constexpr float kRadiancePerCandela = kPi / kFullDaylight;
constexpr float kGroundAlbedo = 0.2f;
constexpr float kSunDegrees = 0.53f;
/// Below this cosine to the zenith the model's haze is that of the horizon: it has no value there.
constexpr float kHorizon = 0.01f;

float tangent(float x) {
  const SinCos both = sincos(x);
  return both.sin / both.cos;
}

/// CIE XYZ to linear Rec.709.
Vec3 rec709_of_xyz(float x, float y, float z) {
  return {max(3.2406f * x - 1.5372f * y - 0.4986f * z, 0.0f),
          max(-0.9689f * x + 1.8758f * y + 0.0415f * z, 0.0f),
          max(0.0557f * x - 0.2040f * y + 1.0570f * z, 0.0f)};
}

/// The five coefficients of the distribution of Perez et al. (1993): horizon, its gradient, around the sun, its width, back
/// scattering.
struct Perez {
  float a, b, c, d, e;

  /// cosine: to the zenith; sun: angle to the sun.
  float operator()(float cosine, float sun) const {
    const float cosine_sun = cos(sun);
    return (1 + a * exp(b / cosine)) * (1 + c * exp(d * sun) + e * cosine_sun * cosine_sun);
  }
};

/// Luminance and chromaticity of the sky, appendix A.2 of the paper.
class Sky {
 public:
  Sky(Vec3 to_sun, float turbidity) : to_sun_(to_sun), t_(turbidity) {
    const float zenith = acos(clamp(to_sun.y, 0.0f, 1.0f));
    const float chi = (4.0f / 9 - t_ / 120) * (kPi - 2 * zenith);
    const float luminance = 1000 * ((4.0453f * t_ - 4.9710f) * tangent(chi) - 0.2155f * t_ + 2.4192f);
    const float in_zenith[3] = {luminance, zenith_x(zenith), zenith_y(zenith)};
    for (int i = 0; i < 3; ++i) factor_[i] = in_zenith[i] / perez_[i](1, zenith);
  }

  /// cd/m2 times kRadiancePerCandela. direction: unit, not below the horizon.
  Vec3 radiance(Vec3 direction) const {
    const float cosine = max(direction.y, kHorizon);
    const float sun = acos(clamp(dot(direction, to_sun_), -1.0f, 1.0f));
    const float luminance = max(factor_[0] * perez_[0](cosine, sun), 0.0f) * kRadiancePerCandela;
    const float x = factor_[1] * perez_[1](cosine, sun);
    const float y = factor_[2] * perez_[2](cosine, sun);
    return rec709_of_xyz(x / y * luminance, luminance, (1 - x - y) / y * luminance);
  }

 private:
  float zenith_x(float s) const {
    return t_ * t_ * (((0.00166f * s - 0.00375f) * s + 0.00209f) * s) +
           t_ * (((-0.02903f * s + 0.06377f) * s - 0.03202f) * s + 0.00394f) +
           (((0.11693f * s - 0.21196f) * s + 0.06052f) * s + 0.25886f);
  }
  float zenith_y(float s) const {
    return t_ * t_ * (((0.00275f * s - 0.00610f) * s + 0.00317f) * s) +
           t_ * (((-0.04214f * s + 0.08970f) * s - 0.04153f) * s + 0.00516f) +
           (((0.15346f * s - 0.26756f) * s + 0.06670f) * s + 0.26688f);
  }

  Vec3 to_sun_;
  float t_;
  Perez perez_[3] = {{0.1787f * t_ - 1.4630f, -0.3554f * t_ + 0.4275f, -0.0227f * t_ + 5.3251f,
                      0.1206f * t_ - 2.5771f, -0.0670f * t_ + 0.3703f},
                     {-0.0193f * t_ - 0.2592f, -0.0665f * t_ + 0.0008f, -0.0004f * t_ + 0.2125f,
                      -0.0641f * t_ - 0.8989f, -0.0033f * t_ + 0.0452f},
                     {-0.0167f * t_ - 0.2608f, -0.0950f * t_ + 0.0092f, -0.0079f * t_ + 0.2102f,
                      -0.0441f * t_ - 1.6537f, -0.0109f * t_ + 0.0529f}};
  float factor_[3];  ///< of what perez_ says: Y, x, y
};

/// A normal distribution with a width on either side of its peak.
float lobe(float wavelength, float peak, float below, float above) {
  const float t = (wavelength - peak) * (wavelength < peak ? below : above);
  return exp(-0.5f * t * t);
}

/// The CIE 1931 colour matching functions after Wyman, Sloan and Shirley (JCGT 2013), by nanometres.
Vec3 matching_functions(float l) {
  return {1.056f * lobe(l, 599.8f, 1 / 37.9f, 1 / 31.0f) + 0.362f * lobe(l, 442.0f, 1 / 16.0f, 1 / 26.7f) -
              0.065f * lobe(l, 501.1f, 1 / 20.4f, 1 / 26.2f),
          0.821f * lobe(l, 568.8f, 1 / 46.9f, 1 / 40.5f) + 0.286f * lobe(l, 530.9f, 1 / 16.3f, 1 / 31.1f),
          1.217f * lobe(l, 437.0f, 1 / 11.8f, 1 / 36.0f) + 0.681f * lobe(l, 459.0f, 1 / 26.0f, 1 / 13.8f)};
}

/// Spectral irradiance of a black body of 5778 K, as large as the sun and as far away, in W/m2/nm. nanometres: of the
/// wavelength.
float above_the_air(float nanometres) {
  constexpr float kFirst = 1.191043e20f;         // 2 h c2, W nm4/m2
  constexpr float kSecond = 1.438777e7f / 5778;  // h c / (k T), nm
  constexpr float kSolidAngle = 6.794e-5f;       // of the sun
  const float square = nanometres * nanometres;
  const float fifth = square * square * nanometres;
  return kFirst / fifth / (exp(kSecond / nanometres) - 1) * kSolidAngle;
}

/// What the air lets through on the sun's way, appendix A.1 of the paper: Rayleigh scattering, haze and ozone. Gases and
/// vapour absorb beyond what eyes see.
float transmitted(float nanometres, float air_mass, float turbidity) {
  const float micrometres = nanometres / 1000;
  const float rayleigh = 0.008735f * pow(micrometres, -4.08f);
  const float haze = max(0.04608f * turbidity - 0.04586f, 0.0f) * pow(micrometres, -1.3f);
  // the paper's 0.35 cm of ozone; its table of the Chappuis band as one lobe
  const float ozone = 0.35f * 0.125f * lobe(nanometres, 600.0f, 1 / 45.0f, 1 / 50.0f);
  return exp(-air_mass * (rayleigh + haze + ozone));
}

/// Of a surface that faces the sun, in lux by Rec.709.
Vec3 sun_illuminance(Vec3 to_sun, float turbidity) {
  const float zenith = acos(clamp(to_sun.y, 0.0f, 1.0f));
  const float degrees = zenith * (180 / kPi);
  const float air_mass = 1 / (max(to_sun.y, 0.0f) + 0.15f * pow(93.885f - degrees, -1.253f));
  constexpr float kStep = 5;
  constexpr float kLumensPerWatt = 683;
  Vec3 xyz{0, 0, 0};
  for (float l = 380; l <= 780; l += kStep)
    xyz += matching_functions(l) *
           (above_the_air(l) * transmitted(l, air_mass, turbidity) * kStep * kLumensPerWatt);
  return rec709_of_xyz(xyz.x, xyz.y, xyz.z);
}

/// Of the ground, lit by sky and sun.
Vec3 ground_radiance(const SceneImage& image, const Daylight& day, Vec3 to_sun) {
  Vec3 irradiance = sun(day).intensity * max(to_sun.y, 0.0f);
  for (std::uint32_t y = 0; y < kSkyHeight / 2; ++y) {
    const SinCos latitude = sincos(kPi * (0.5f - (static_cast<float>(y) + 0.5f) / kSkyHeight));
    const float weight = latitude.sin * latitude.cos * (kPi / kSkyHeight) * (2 * kPi / kSkyWidth);
    for (std::uint32_t x = 0; x < kSkyWidth; ++x) {
      const float* const rgb = &image.rgb_float[(std::size_t{y} * kSkyWidth + x) * 3];
      irradiance += Vec3{rgb[0], rgb[1], rgb[2]} * weight;
    }
  }
  return irradiance * (kGroundAlbedo / kPi);
}

}  // namespace

SceneImage sky(const Daylight& day) {
  const Vec3 to_sun = normalize(day.to_sun);
  const Sky model(to_sun, day.turbidity);
  SceneImage image;
  image.name = "daylight";
  image.width = kSkyWidth;
  image.height = kSkyHeight;
  image.rgb_float.reserve(std::size_t{kSkyWidth} * kSkyHeight * 3);
  const auto append = [&](Vec3 rgb) { image.rgb_float.insert(image.rgb_float.end(), {rgb.x, rgb.y, rgb.z}); };
  for (std::uint32_t y = 0; y < kSkyHeight / 2; ++y) {
    const SinCos latitude = sincos(kPi * (0.5f - (static_cast<float>(y) + 0.5f) / kSkyHeight));
    for (std::uint32_t x = 0; x < kSkyWidth; ++x) {
      const SinCos longitude = sincos(2 * kPi * ((static_cast<float>(x) + 0.5f) / kSkyWidth - 0.5f));
      append(model.radiance({latitude.cos * longitude.cos, latitude.sin, latitude.cos * longitude.sin}));
    }
  }
  const Vec3 ground = ground_radiance(image, day, to_sun);
  for (std::uint32_t i = 0; i < kSkyWidth * (kSkyHeight / 2); ++i) append(ground);
  return image;
}

SceneLight sun(const Daylight& day) {
  const Vec3 to_sun = normalize(day.to_sun);
  SceneLight light;
  light.name = "sun";
  light.kind = SceneLightKind::directional;
  light.direction = -to_sun;
  light.intensity = sun_illuminance(to_sun, day.turbidity) * kRadiancePerCandela;
  light.angular_diameter_degrees = kSunDegrees;
  return light;
}

void set_daylight(const Daylight& day, float sun_power, Scene& scene) {
  scene.environment.emplace();
  set_environment(sky(day), scene);
  scene.lights.push_back(sun(day));
  scene.lights.back().intensity *= sun_power;
}

}  // namespace oct
