#include "film/tone_map.hpp"

#include "base/check.hpp"
#include "math/transcendental.hpp"
#include "math/vec.hpp"

namespace oct {
namespace {

/// Row-major 3 x 3 times v.
Vec3 multiply(const float (&m)[9], Vec3 v) {
  return {m[0] * v.x + m[1] * v.y + m[2] * v.z, m[3] * v.x + m[4] * v.y + m[5] * v.z,
          m[6] * v.x + m[7] * v.y + m[8] * v.z};
}

Vec3 saturated(Vec3 v) {
  return {saturate(v.x), saturate(v.y), saturate(v.z)};
}

/// J. Hable, "Uncharted 2: HDR Lighting", GDC 2010: shoulder, linear, toe.
float hable(float x) {
  constexpr float a = 0.15f, b = 0.50f, c = 0.10f, d = 0.20f, e = 0.02f, f = 0.30f;
  return (x * (a * x + c * b) + d * e) / (x * (a * x + b) + d * f) - e / f;
}

Vec3 filmic(Vec3 rgb) {
  constexpr float kExposureBias = 2.0f;
  const float white = hable(11.2f);
  return Vec3{hable(kExposureBias * rgb.x), hable(kExposureBias * rgb.y), hable(kExposureBias * rgb.z)} /
         white;
}

/// S. Hill's fit: Rec.709 to the RRT's space with its saturation, the curve, and back.
Vec3 aces(Vec3 rgb) {
  static constexpr float in[9] = {0.59719f, 0.35458f, 0.04823f, 0.07600f, 0.90834f,
                                  0.01566f, 0.02840f, 0.13383f, 0.83777f};
  static constexpr float out[9] = {1.60475f,  -0.53108f, -0.07367f, -0.10208f, 1.10813f,
                                   -0.00605f, -0.00327f, -0.07276f, 1.07602f};
  const auto curve = [](float v) {
    return (v * (v + 0.0245786f) - 0.000090537f) / (v * (0.983729f * v + 0.4329510f) + 0.238081f);
  };
  const Vec3 v = multiply(in, rgb);
  return multiply(out, {curve(v.x), curve(v.y), curve(v.z)});
}

/// T. Sobotka's AgX: inset of the primaries, log2 encoding, sigmoid (B. Wrensch's polynomial of degree 6),
/// outset; the result is encoded with a power of 2.2, which is undone here to stay display-linear.
Vec3 agx(Vec3 rgb) {
  static constexpr float inset[9] = {0.842479062253094f,  0.0784335999999992f, 0.0792237451477643f,
                                     0.0423282422610123f, 0.878468636469772f,  0.0791661274605434f,
                                     0.0423756549057051f, 0.0784336f,          0.879142973793104f};
  static constexpr float outset[9] = {1.19687900512017f,    -0.0980208811401368f, -0.0990297440797205f,
                                      -0.0528968517574562f, 1.15190312990417f,    -0.0989611768448433f,
                                      -0.0529716355144438f, -0.0980434501171241f, 1.15107367264116f};
  constexpr float kMinEv = -12.47393f, kMaxEv = 4.026069f;
  const auto sigmoid = [](float light) {
    const float x = saturate((log2(max(light, 1e-10f)) - kMinEv) / (kMaxEv - kMinEv));
    const float x2 = x * x;
    const float x4 = x2 * x2;
    return 15.5f * x4 * x2 - 40.14f * x4 * x + 31.96f * x4 - 6.868f * x2 * x + 0.4298f * x2 + 0.1191f * x -
           0.00232f;
  };
  const Vec3 v = multiply(inset, rgb);
  const Vec3 encoded = saturated(multiply(outset, {sigmoid(v.x), sigmoid(v.y), sigmoid(v.z)}));
  return {pow(encoded.x, 2.2f), pow(encoded.y, 2.2f), pow(encoded.z, 2.2f)};
}

Vec3 apply(ToneCurve curve, Vec3 rgb) {
  switch (curve) {
    case ToneCurve::none: return rgb;
    case ToneCurve::filmic: return filmic(rgb);
    case ToneCurve::aces: return aces(rgb);
    case ToneCurve::agx: return agx(rgb);
  }
  return rgb;
}

float srgb_encoded(float linear) {
  return linear <= 0.0031308f ? 12.92f * linear : 1.055f * pow(linear, 1.0f / 2.4f) - 0.055f;
}

}  // namespace

Result<ToneCurve> tone_curve_from_text(std::string_view text) {
  if (text == "none") return ToneCurve::none;
  if (text == "filmic") return ToneCurve::filmic;
  if (text == "aces") return ToneCurve::aces;
  if (text == "agx") return ToneCurve::agx;
  return fail(ErrorKind::invalid_input, "unknown tone curve \"" + std::string(text) + "\"",
              "one of none, filmic, aces, agx");
}

const char* to_string(ToneCurve curve) {
  switch (curve) {
    case ToneCurve::none: return "none";
    case ToneCurve::filmic: return "filmic";
    case ToneCurve::aces: return "aces";
    case ToneCurve::agx: return "agx";
  }
  return "none";
}

Image tone_mapped(const Image& image, const ToneMap& tone_map) {
  constexpr float kBrightest = 1e6f;  // keeps the curves' quotients finite
  Image result{image.width, image.height, std::vector<float>(image.rgb.size())};
  for (std::size_t i = 0; i + 2 < image.rgb.size(); i += 3) {
    const auto exposed = [&](std::size_t c) {
      return clamp(image.rgb[i + c] * tone_map.exposure, 0.0f, kBrightest);
    };
    const Vec3 display = saturated(apply(tone_map.curve, {exposed(0), exposed(1), exposed(2)}));
    result.rgb[i] = display.x;
    result.rgb[i + 1] = display.y;
    result.rgb[i + 2] = display.z;
  }
  return result;
}

std::uint64_t bright_pixels(const Image& image, const ToneMap& tone_map) {
  constexpr float kDark = 10 / 255.0f / 12.92f;  // on the linear part of the encoding
  const Image display = tone_mapped(image, tone_map);
  std::uint64_t bright = 0;
  for (std::size_t i = 0; i + 2 < display.rgb.size(); i += 3)
    bright += max(display.rgb[i], max(display.rgb[i + 1], display.rgb[i + 2])) >= kDark ? 1 : 0;
  return bright;
}

std::uint64_t white_pixels(const Image& image, const ToneMap& tone_map) {
  constexpr float kWhite = 0.9559734f;  // encodes as 250 / 255
  const Image display = tone_mapped(image, tone_map);
  std::uint64_t white = 0;
  for (std::size_t i = 0; i + 2 < display.rgb.size(); i += 3)
    white += min(display.rgb[i], min(display.rgb[i + 1], display.rgb[i + 2])) >= kWhite ? 1 : 0;
  return white;
}

std::vector<std::uint16_t> srgb_code_values(const Image& display_linear, int bits) {
  OCT_CHECK(bits == 8 || bits == 16);
  const float steps = bits == 8 ? 255.0f : 65535.0f;
  std::vector<std::uint16_t> codes(display_linear.rgb.size());
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const float encoded = saturate(srgb_encoded(saturate(display_linear.rgb[i])));
    codes[i] = static_cast<std::uint16_t>(to_u32(encoded * steps + 0.5f));
  }
  return codes;
}

}  // namespace oct
