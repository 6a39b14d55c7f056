#include "random_scenes.hpp"

#include <cmath>

#include "geometry/slab.hpp"

namespace oct::test {
namespace {

Vec3 shifted(Vec3 p, float offset) {
  return p + Vec3{offset, -offset, 0.5f * offset};
}

/// A mesh before it is placed.
struct Shape {
  std::vector<Vec3> positions;
  std::vector<Triangle> triangles;

  void add(Vec3 a, Vec3 b, Vec3 c) {
    const auto first = static_cast<u32>(positions.size());
    positions.insert(positions.end(), {a, b, c});
    triangles.push_back({{first, first + 1, first + 2}});
  }
};

Vec3 flattened(Vec3 p, u32 axis, float value) {
  return {axis == 0 ? value : p.x, axis == 1 ? value : p.y, axis == 2 ? value : p.z};
}

void add_random_triangle(Shapes shapes, Random& random, Shape* shape) {
  const Vec3 a = random.point(-1, 1);
  const float size = shapes == Shapes::mixed_sizes ? std::exp2(random.within(-14, 3)) : 0.3f;
  Vec3 b = a + random.point(-1, 1) * size;
  Vec3 c = a + random.point(-1, 1) * size;
  if (shapes == Shapes::slivers) {
    b = a + random.point(-1, 1) * std::exp2(random.within(-20, 1));
    c = a + (b - a) * random.within(0, 1) + random.point(-1, 1) * 1e-6f;
    if (random.below(16) == 0)
      c = random.below(2) == 0 ? a : a + (b - a) * 0.5f;  // no area, exactly or nearly
  }
  if (shapes == Shapes::axis_aligned) {
    const u32 axis = random.below(3);
    const float value = std::round(random.within(-4, 4)) * 0.25f;
    return shape->add(flattened(a, axis, value), flattened(b, axis, value), flattened(c, axis, value));
  }
  shape->add(a, b, c);
  if (shapes == Shapes::duplicated) {
    for (u32 copies = random.below(12); copies > 0; --copies) shape->add(a, b, c);
  }
}

Shape make_shape(const SceneRecipe& recipe, Random& random) {
  Shape shape;
  if (recipe.shapes == Shapes::closed_mesh) {
    add_bumpy_sphere({0, 0, 0}, 1.0f, recipe.triangle_count, random.bits(), &shape.positions,
                     &shape.triangles);
  }
  while (shape.triangles.size() < recipe.triangle_count) add_random_triangle(recipe.shapes, random, &shape);
  return shape;
}

Transform identity() {
  return {{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0}};
}

/// The inverse, by cofactors in double.
Transform inverted(const Transform& t) {
  const auto m = [&](u32 row, u32 column) { return static_cast<double>(t.m[4 * row + column]); };
  const auto cofactor = [&](u32 r, u32 c) {
    const u32 r1 = (r + 1) % 3, r2 = (r + 2) % 3, c1 = (c + 1) % 3, c2 = (c + 2) % 3;
    return m(r1, c1) * m(r2, c2) - m(r1, c2) * m(r2, c1);
  };
  const double determinant = m(0, 0) * cofactor(0, 0) + m(0, 1) * cofactor(0, 1) + m(0, 2) * cofactor(0, 2);
  Transform result{};
  for (u32 row = 0; row < 3; ++row) {
    double shift = 0.0;
    for (u32 column = 0; column < 3; ++column) {
      const double value = cofactor(column, row) / determinant;
      result.m[4 * row + column] = static_cast<float>(value);
      shift -= value * m(column, 3);
    }
    result.m[4 * row + 3] = static_cast<float>(shift);
  }
  return result;
}

/// Turned about a random axis pair, scaled, sometimes unevenly, sometimes mirrored, moved.
Transform random_transform(Random& random, float offset) {
  const float angle = random.below(3) == 0 ? 0.0f : random.within(0, 6.3f);
  const float s = std::sin(angle), c = std::cos(angle);
  const float scale = std::exp2(random.within(-3, 3));
  Vec3 scales{scale, scale, scale};
  if (random.below(3) == 0) scales = {scale, scale * random.within(0.2f, 3), scale * random.within(0.2f, 3)};
  if (random.below(3) == 0) scales.x = -scales.x;
  const Vec3 move = shifted(random.point(-4, 4), offset);
  if (random.below(2) == 0) {
    return {{c * scales.x, -s * scales.y, 0, move.x, s * scales.x, c * scales.y, 0, move.y, 0, 0, scales.z,
             move.z}};
  }
  return {{scales.x, 0, 0, move.x, 0, c * scales.y, -s * scales.z, move.y, 0, s * scales.y, c * scales.z,
           move.z}};
}

void add_mesh(const Shape& shape, RenderData* data) {
  Mesh mesh{};
  mesh.first_vertex = static_cast<u32>(data->positions.size());
  mesh.vertex_count = static_cast<u32>(shape.positions.size());
  mesh.first_triangle = static_cast<u32>(data->triangles.size());
  mesh.triangle_count = static_cast<u32>(shape.triangles.size());
  mesh.first_normal = mesh.first_tangent = mesh.first_color = kNone;
  for (u32& first : mesh.first_uv) first = kNone;
  std::vector<Vec3>& positions = data->positions.edit();
  positions.insert(positions.end(), shape.positions.begin(), shape.positions.end());
  std::vector<Triangle>& triangles = data->triangles.edit();
  triangles.insert(triangles.end(), shape.triangles.begin(), shape.triangles.end());
  data->meshes.edit().push_back(mesh);
}

void add_instance(u32 mesh, const Transform& world_from_object, bool baked, RenderData* data) {
  Instance instance{};
  instance.world_from_object = world_from_object;
  instance.object_from_world = inverted(world_from_object);
  instance.mesh = mesh;
  instance.first_light = kNone;
  instance.flags = baked ? kInstanceBaked : 0u;
  data->instances.edit().push_back(instance);
}

/// A point of a triangle: inside, on an edge, or a corner.
Vec3 point_on(const Corners& t, Random& random) {
  switch (random.below(4)) {
    case 0: return t.b;
    case 1: return t.a + (t.c - t.a) * random.unit();
    case 2: return t.a + (t.b - t.a) * 0.5f;
    default: {
      float u = random.unit();
      float v = random.unit();
      if (u + v > 1.0f) {
        u = 1.0f - u;
        v = 1.0f - v;
      }
      return t.a + (t.b - t.a) * u + (t.c - t.a) * v;
    }
  }
}

Vec3 random_direction(const Corners& target, Vec3 origin, Random& random) {
  const float signs[] = {1.0f, -1.0f};
  switch (random.below(8)) {
    case 0: {  // along an axis, the others zero of either sign
      Vec3 d{copysign(0.0f, signs[random.below(2)]), copysign(0.0f, signs[random.below(2)]),
             copysign(0.0f, signs[random.below(2)])};
      const u32 axis = random.below(3);
      return flattened(d, axis, signs[random.below(2)]);
    }
    case 1: {  // in an axis-aligned plane
      const u32 axis = random.below(3);
      return flattened(point_on(target, random) - origin, axis, copysign(0.0f, signs[random.below(2)]));
    }
    case 2: return (target.b - target.a) + (target.c - target.a) * random.unit();  // edge-on
    case 3: return random.point(-1, 1);
    default: {
      const Vec3 to = point_on(target, random) - origin;
      return random.below(2) == 0 ? to : to * std::exp2(random.within(-20, 20));
    }
  }
}

void restrict_ray(const RenderData& data, u32 instance, u32 primitive, Random& random, Ray* ray) {
  const float scale = 1.0f / max(max_component(abs(ray->direction)), 1e-12f);
  if (random.below(4) == 0) ray->t_min = random.unit() * scale;
  if (random.below(4) == 0) ray->t_max = random.within(0, 4) * scale;
  if (random.below(16) == 0) ray->t_min = ray->t_max = 1.0f;
  if (random.below(4) == 0) {
    ray->exclude_instance = instance;
    ray->exclude_primitive = primitive;
  }
  if (random.below(6) == 0) {
    const u32 any = random.below(static_cast<u32>(data.instances.size()));
    ray->after = {random.below(2) == 0 ? 1.0f : random.within(0, 2) * scale, any, random.below(50)};
  }
}

}  // namespace

std::string name_of(Shapes shapes) {
  switch (shapes) {
    case Shapes::soup: return "soup";
    case Shapes::slivers: return "slivers";
    case Shapes::axis_aligned: return "axis aligned";
    case Shapes::duplicated: return "duplicated";
    case Shapes::mixed_sizes: return "mixed sizes";
    case Shapes::closed_mesh: return "closed mesh";
  }
  return "?";
}

void add_bumpy_sphere(Vec3 centre, float radius, u32 triangle_count, u64 seed, std::vector<Vec3>* positions,
                      std::vector<Triangle>* triangles) {
  Random random{seed};
  const u32 rows = std::max(3u, static_cast<u32>(std::sqrt(triangle_count / 4.0)));
  const u32 columns = 2 * rows;
  const auto first = static_cast<u32>(positions->size());
  const float wave = static_cast<float>(3 + random.below(6));
  for (u32 row = 0; row <= rows; ++row) {
    const float theta = 3.14159265f * static_cast<float>(row) / static_cast<float>(rows);
    for (u32 column = 0; column < columns; ++column) {
      const float phi = 6.2831853f * static_cast<float>(column) / static_cast<float>(columns);
      const bool pole = row == 0 || row == rows;
      const float bump = pole ? 1.0f : 1.0f + 0.1f * std::sin(wave * theta) * std::cos(wave * phi);
      const float sine = pole ? 0.0f : std::sin(theta);
      const Vec3 unit{sine * std::cos(phi), std::cos(theta), sine * std::sin(phi)};
      positions->push_back(centre + unit * (radius * bump));
    }
  }
  for (u32 row = 0; row < rows; ++row) {
    for (u32 column = 0; column < columns; ++column) {
      const u32 next = (column + 1) % columns;
      const u32 a = first + row * columns + column, b = first + row * columns + next;
      const u32 c = a + columns, d = b + columns;
      if (row != 0) triangles->push_back({{a, b, c}});
      if (row != rows - 1) triangles->push_back({{b, d, c}});
    }
  }
}

RenderData make_scene(const SceneRecipe& recipe, u64 seed) {
  Random random{seed};
  RenderData data;
  const u32 mesh_count = recipe.instances ? 3 : 1;
  for (u32 mesh = 0; mesh < mesh_count; ++mesh) {
    Shape shape = make_shape(recipe, random);
    if (!recipe.instances) {
      for (Vec3& p : shape.positions) p = shifted(p, recipe.offset);
    }
    add_mesh(shape, &data);
    if (!recipe.instances) add_instance(mesh, identity(), true, &data);
    for (u32 i = 0; recipe.instances && i < 6; ++i) {
      add_instance(mesh, random_transform(random, recipe.offset), random.below(4) == 0, &data);
    }
    if (recipe.instances) data.instances.edit().push_back(data.instances.back());  // two that coincide
  }
  return data;
}

Corners corners_of(const RenderData& data, u32 instance_index, u32 primitive) {
  const Instance& instance = data.instances[instance_index];
  const Mesh& mesh = data.meshes[instance.mesh];
  const Triangle& triangle = data.triangles[mesh.first_triangle + primitive];
  const auto corner = [&](u32 k) {
    return transform_point(instance.world_from_object, data.positions[mesh.first_vertex + triangle.v[k]]);
  };
  return {corner(0), corner(1), corner(2)};
}

std::vector<Ray> make_rays(const RenderData& data, u32 count, u64 seed) {
  Random random{seed};
  std::vector<Ray> rays(count);
  for (Ray& ray : rays) {
    const auto pick = [&](u32* instance, u32* primitive) {
      *instance = random.below(static_cast<u32>(data.instances.size()));
      *primitive = random.below(data.meshes[data.instances[*instance].mesh].triangle_count);
      return corners_of(data, *instance, *primitive);
    };
    u32 instance, primitive, other_instance, other_primitive;
    const Corners target = pick(&instance, &primitive);
    const Corners start = pick(&other_instance, &other_primitive);
    switch (random.below(4)) {
      case 0: ray.origin = point_on(start, random); break;
      case 1: ray.origin = (target.a + start.a) * 0.5f + random.point(-1, 1); break;
      case 2: ray.origin = target.a + random.point(-30, 30); break;
      default: ray.origin = start.a; break;
    }
    ray.direction = random_direction(target, ray.origin, random);
    ray.t_min = 0.0f;
    ray.t_max = kInfinity;
    ray.after = {-1.0f, 0, 0};
    ray.exclude_instance = ray.exclude_primitive = kNone;
    restrict_ray(data, instance, primitive, random, &ray);
  }
  return rays;
}

}  // namespace oct::test
