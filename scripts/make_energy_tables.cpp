// Computes kernels/shade/energy_tables.hpp: how much light the microfacet lobes of the material model send on
// after a single scattering; and sheen_table.hpp, the same of fibres. Run it when the model changes:
//
//   g++ -O3 -std=c++20 scripts/make_energy_tables.cpp -o /tmp/tables
//   /tmp/tables > kernels/shade/energy_tables.hpp
//   /tmp/tables --sheen > kernels/shade/sheen_table.hpp
//   /tmp/tables --errors     largest errors of interpolation against the integrals
//
// Integrals are taken in double by the midpoint rule over visible normals (Heitz 2018), with code of its own,
// so that the tables also check the kernels. docs/materials.md has the formulas.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <random>
#include <vector>

namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr int kCosines = 20;    // mu = (i / 19)^2
constexpr int kRoughness = 16;  // perceptual, (i / 15)^2
constexpr int kIndices = 16;    // z = i / 15, F0 = z^4

struct Vector {
  double x, y, z;
};
double dot(Vector a, Vector b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}
Vector normalize(Vector a) {
  const double s = 1 / std::sqrt(dot(a, a));
  return {a.x * s, a.y * s, a.z * s};
}

/// Unpolarized reflectance; eta = index behind over index before the surface.
double fresnel(double cosine, double eta) {
  const double sin2 = (1 - cosine * cosine) / (eta * eta);
  if (sin2 >= 1) return 1;
  const double inner = std::sqrt(1 - sin2);
  const double s = (cosine - eta * inner) / (cosine + eta * inner);
  const double p = (eta * cosine - inner) / (eta * cosine + inner);
  return 0.5 * (s * s + p * p);
}

double lambda(double cosine, double alpha) {
  const double tan2 = (1 - cosine * cosine) / (cosine * cosine);
  return 0.5 * (std::sqrt(1 + alpha * alpha * tan2) - 1);
}

double f0_of(double z) {
  return std::min(z * z * z * z, 0.98);
}
double ior_of(double z) {
  const double root = std::sqrt(f0_of(z));
  return (1 + root) / (1 - root);
}

/// Albedos of one scattering for light that leaves at cosine mu.
struct Albedos {
  double reflect = 0;                  // all facets reflect everything
  double reflect_grazing = 0;          // each reflects the share (F - F0) / (1 - F0)
  double glass_in = 0, glass_out = 0;  // reflected and refracted, seen from outside and from inside
};

Albedos albedos(double mu, double roughness, double z, int steps) {
  mu = std::max(mu, 1e-4);
  const double alpha = std::max(roughness * roughness, 1e-4);
  const double ior = ior_of(z);
  const double f0 = f0_of(z);
  const Vector wo{std::sqrt(1 - mu * mu), 0, mu};
  const Vector stretched = normalize({alpha * wo.x, 0, wo.z});
  const double lambda_o = lambda(mu, alpha);
  Albedos sum;
  for (int i = 0; i < steps; ++i) {
    for (int j = 0; j < steps; ++j) {
      // visible normals as points of a spherical cap (Dupuy and Benyoub 2023)
      const double height = (1 - (i + 0.5) / steps) * (1 + stretched.z) - stretched.z;
      const double radius = std::sqrt(std::max(0.0, 1 - height * height));
      const double angle = kPi * (j + 0.5) / steps;  // symmetric: half the circle
      const Vector cap{radius * std::cos(angle) + stretched.x, radius * std::sin(angle),
                       height + stretched.z};
      const Vector h = normalize({alpha * cap.x, alpha * cap.y, std::max(cap.z, 0.0)});
      const double c = dot(wo, h);
      if (!(c > 0)) continue;
      const Vector reflected{2 * c * h.x - wo.x, 2 * c * h.y - wo.y, 2 * c * h.z - wo.z};
      const double visible =
          reflected.z > 0 ? (1 + lambda_o) / (1 + lambda_o + lambda(reflected.z, alpha)) : 0;
      const double f = fresnel(c, ior);
      sum.reflect += visible;
      sum.reflect_grazing += visible * std::max(0.0, (f - f0) / (1 - f0));
      for (const bool inside : {false, true}) {
        const double eta = inside ? 1 / ior : ior;
        const double share = fresnel(c, eta);
        double& glass = inside ? sum.glass_out : sum.glass_in;
        glass += share * visible;
        const double cos2 = 1 - (1 - c * c) / (eta * eta);
        if (share >= 1 || cos2 <= 0) continue;
        const double along = c / eta - std::sqrt(cos2);
        const double wt_z = along * h.z - wo.z / eta;
        if (wt_z < 0) glass += (1 - share) * (1 + lambda_o) / (1 + lambda_o + lambda(-wt_z, alpha));
      }
    }
  }
  const double scale = 1.0 / (double(steps) * steps);
  return {sum.reflect * scale, sum.reflect_grazing * scale, sum.glass_in * scale, sum.glass_out * scale};
}

struct Tables {
  double reflect[kRoughness][kCosines];
  double reflect_grazing[kIndices][kRoughness][kCosines];
  double glass_in[kIndices][kRoughness][kCosines];
  double glass_out[kIndices][kRoughness][kCosines];
};

double cosine_node(int i) {
  return double(i) * i / ((kCosines - 1.0) * (kCosines - 1.0));
}
double roughness_node(int i) {
  return double(i) * i / ((kRoughness - 1.0) * (kRoughness - 1.0));
}

Tables compute(int steps) {
  static Tables t;
  for (int z = 0; z < kIndices; ++z)
    for (int r = 0; r < kRoughness; ++r)
      for (int m = 0; m < kCosines; ++m) {
        const Albedos a = albedos(cosine_node(m), roughness_node(r), z / (kIndices - 1.0), steps);
        t.reflect[r][m] = a.reflect;
        t.reflect_grazing[z][r][m] = a.reflect_grazing;
        t.glass_in[z][r][m] = a.glass_in;
        t.glass_out[z][r][m] = a.glass_out;
      }
  return t;
}

/// Twice the integral of E(mu) mu over [0, 1] of the interpolated table: E is linear in s = sqrt(mu) between
/// nodes, so the weights are those of 4 E(s) s^3.
double average(const double* row) {
  double sum = 0;
  for (int i = 0; i + 1 < kCosines; ++i) {
    const double a = i / (kCosines - 1.0), b = (i + 1) / (kCosines - 1.0), width = b - a;
    // integral of s^3 (b - s) and of s^3 (s - a), over width
    const auto f4 = [](double s) { return s * s * s * s / 4; };
    const auto f5 = [](double s) { return s * s * s * s * s / 5; };
    const double left = (b * (f4(b) - f4(a)) - (f5(b) - f5(a))) / width;
    const double right = ((f5(b) - f5(a)) - a * (f4(b) - f4(a))) / width;
    sum += 4 * (row[i] * left + row[i + 1] * right);
  }
  return sum;
}

int quantize(double x) {
  return int(std::clamp(x, 0.0, 1.0) * 65535 + 0.5);
}

void print_numbers(const char* comment, const char* name, const std::vector<double>& values) {
  std::printf("\n/// %s\nOCT_LOOKUP_TABLE u16 %s[%zu] = {", comment, name, values.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    std::printf("%s%d%s", i % 16 == 0 ? "\n    " : " ", quantize(values[i]),
                i + 1 < values.size() ? "," : "");
  std::printf("};\n");
}

std::vector<double> flat(const double (&t)[kIndices][kRoughness][kCosines]) {
  return {&t[0][0][0], &t[0][0][0] + kIndices * kRoughness * kCosines};
}

void print_tables(const Tables& t) {
  std::printf(
      "#pragma once\n#include \"data/types.hpp\"\n\n"
      "// Written by scripts/make_energy_tables.cpp; do not edit. Shares of light after one scattering, in "
      "units of\n"
      "// 1 / 65535. Innermost axis: cosine = (i / 19)^2; then perceptual roughness = (i / 15)^2;\n// then "
      "F0 = (i / 15)^4.\n\n"
      "// clang-format off\nnamespace oct::inline OCT_ISA {\n");
  print_numbers("Reflected when every facet reflects everything.", "kReflectTable",
                {&t.reflect[0][0], &t.reflect[0][0] + kRoughness * kCosines});
  std::vector<double> averages;
  for (auto& row : t.reflect) averages.push_back(average(row));
  print_numbers("Its mean over the hemisphere, weighted by the cosine; by roughness.", "kReflectMeanTable",
                averages);
  print_numbers("Reflected when each facet reflects (F - F0) / (1 - F0).", "kGrazingTable",
                flat(t.reflect_grazing));
  averages.clear();
  for (auto& slice : t.reflect_grazing)
    for (auto& row : slice) averages.push_back(average(row));
  print_numbers("Its mean; by F0 and roughness.", "kGrazingMeanTable", averages);
  print_numbers("Reflected and refracted by glass, from outside.", "kGlassOutsideTable", flat(t.glass_in));
  print_numbers("The same from inside.", "kGlassInsideTable", flat(t.glass_out));
  std::printf("\n}  // namespace oct::inline OCT_ISA\n// clang-format on\n");
}

double look_up(const double (&t)[kIndices][kRoughness][kCosines], double mu, double r, double z) {
  const double x = std::sqrt(mu) * (kCosines - 1), y = std::sqrt(r) * (kRoughness - 1),
               w = z * (kIndices - 1);
  const int i = std::min(int(x), kCosines - 2), j = std::min(int(y), kRoughness - 2);
  const int k = std::min(int(w), kIndices - 2);
  double sum = 0;
  for (int c = 0; c < 8; ++c) {
    const int a = c & 1, b = c >> 1 & 1, d = c >> 2;
    sum +=
        (a ? x - i : 1 - x + i) * (b ? y - j : 1 - y + j) * (d ? w - k : 1 - w + k) * t[k + d][j + b][i + a];
  }
  return sum;
}

void print_errors(const Tables& t) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> uniform(0, 1);
  struct Worst {
    double error = 0, mu = 0, r = 0, z = 0;
  } worst[4];
  double squares[4] = {};
  static double reflect[kIndices][kRoughness][kCosines];
  for (auto& slice : reflect) std::memcpy(slice, t.reflect, sizeof t.reflect);
  constexpr int kTrials = 20000;
  for (int n = 0; n < kTrials; ++n) {
    const double mu = uniform(random), r = 0.1 + 0.9 * uniform(random), z = 0.25 + 0.45 * uniform(random);
    const Albedos a = albedos(mu, r, z, 48);
    const double errors[4] = {
        look_up(reflect, mu, r, z) - a.reflect, look_up(t.reflect_grazing, mu, r, z) - a.reflect_grazing,
        look_up(t.glass_in, mu, r, z) - a.glass_in, look_up(t.glass_out, mu, r, z) - a.glass_out};
    for (int k = 0; k < 4; ++k) {
      squares[k] += errors[k] * errors[k] / kTrials;
      if (std::abs(errors[k]) > std::abs(worst[k].error)) worst[k] = {errors[k], mu, r, z};
    }
  }
  const char* names[4] = {"reflect", "grazing", "glass outside", "glass inside"};
  for (int k = 0; k < 4; ++k)
    std::printf("%-14s rms %.5f  worst %+.4f at mu %.3f roughness %.3f z %.3f\n", names[k],
                std::sqrt(squares[k]), worst[k].error, worst[k].mu, worst[k].r, worst[k].z);
}

/// Estevez and Kulla's fit of the logarithm of Lambda.
double sheen_lambda(double cosine, double alpha) {
  const double t = (1 - alpha) * (1 - alpha);
  const auto mix = [t](double wide, double narrow) { return wide + (narrow - wide) * t; };
  const auto fit = [&](double x) {
    return mix(21.5473, 25.3245) / (1 + mix(3.82987, 3.32435) * std::pow(x, mix(0.19823, 0.16801))) +
           mix(-1.97760, -1.27393) * x + mix(-4.32054, -4.85967);
  };
  return std::exp(cosine < 0.5 ? fit(cosine) : 2 * fit(0.5) - fit(1 - cosine));
}

/// Share that white sheen reflects of light toward cosine mu, by the midpoint rule over the hemisphere.
double sheen_albedo(double mu, double roughness, int steps) {
  mu = std::max(mu, 1e-4);
  const double alpha = std::pow(std::max(roughness, 1.0 / 9), 2);  // as the lobe has it
  const Vector wo{std::sqrt(1 - mu * mu), 0, mu};
  const double lambda_o = sheen_lambda(mu, alpha);
  double sum = 0;
  for (int i = 0; i < steps; ++i) {
    const double z = (i + 0.5) / steps, radius = std::sqrt(1 - z * z);
    const double shadowing = 1 / (1 + lambda_o + sheen_lambda(z, alpha));
    for (int j = 0; j < steps; ++j) {
      const double angle = kPi * (j + 0.5) / steps;
      const Vector wi{radius * std::cos(angle), radius * std::sin(angle), z};
      const Vector h = normalize({wo.x + wi.x, wo.y + wi.y, wo.z + wi.z});
      const double sine2 = std::max(0.0, 1 - h.z * h.z);
      sum += (2 + 1 / alpha) * std::pow(sine2, 0.5 / alpha) / (2 * kPi) * shadowing / (4 * mu);
    }
  }
  return sum * 2 * kPi / (double(steps) * steps);
}

void print_sheen(int steps) {
  std::vector<double> values;
  for (int r = 0; r < kRoughness; ++r)
    for (int m = 0; m < kCosines; ++m)
      values.push_back(sheen_albedo(cosine_node(m), roughness_node(r), steps) / 4);
  std::printf(
      "#pragma once\n#include \"data/types.hpp\"\n\n"
      "// Written by scripts/make_energy_tables.cpp --sheen; do not edit. In units of 4 / 65535. Innermost "
      "axis:\n"
      "// cosine = (i / 19)^2; then perceptual roughness = (i / 15)^2, but 1 / 9 at least.\n\n"
      "// clang-format off\nnamespace oct::inline OCT_ISA {\n");
  print_numbers(
      "Share of light that white sheen would reflect toward or from a cosine; above 1 where it is narrow and "
      "grazing.",
      "kSheenTable", values);
  std::printf("\n}  // namespace oct::inline OCT_ISA\n// clang-format on\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::strcmp(argv[1], "--sheen") == 0) {
    print_sheen(512);
    return 0;
  }
  const bool errors = argc > 1 && std::strcmp(argv[1], "--errors") == 0;
  const Tables tables = compute(errors ? 64 : 192);
  if (errors)
    print_errors(tables);
  else
    print_tables(tables);
}
