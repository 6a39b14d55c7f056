#include "codec/meshopt.hpp"

#include <meshoptimizer.h>

#include <cmath>
#include <cstring>

#include "unit/codec/reason.hpp"

using namespace oct;
using namespace oct::test;

namespace {

template <class T>
std::vector<T> values_of(const Bytes& bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  return values;
}

Bytes encode_vertices(const void* vertices, std::size_t count, std::size_t stride) {
  Bytes packed(meshopt_encodeVertexBufferBound(count, stride));
  packed.resize(meshopt_encodeVertexBuffer(reinterpret_cast<unsigned char*>(packed.data()), packed.size(),
                                           vertices, count, stride));
  return packed;
}

}  // namespace

TEST_CASE("attributes packed by meshoptimizer come back bit for bit", "[codec]") {
  std::vector<float> values;
  for (int i = 0; i < 300; ++i) values.push_back(std::sin(static_cast<float>(i)) * 100);
  const Bytes packed = encode_vertices(values.data(), 100, 12);
  const auto bytes = decode_meshopt(packed, {100, 12, MeshoptMode::attributes});
  REQUIRE(bytes.has_value());
  CHECK(values_of<float>(*bytes) == values);
}

TEST_CASE("triangles and index sequences packed by meshoptimizer come back", "[codec]") {
  const std::vector<unsigned> indices{0, 1, 2, 2, 1, 3, 3, 1, 4};
  std::vector<unsigned char> packed(meshopt_encodeIndexBufferBound(indices.size(), 5));
  packed.resize(meshopt_encodeIndexBuffer(packed.data(), packed.size(), indices.data(), indices.size()));
  const auto wide = decode_meshopt(std::as_bytes(std::span(packed)), {9, 4, MeshoptMode::triangles});
  REQUIRE(wide.has_value());
  CHECK(values_of<unsigned>(*wide) == indices);
  const auto narrow = decode_meshopt(std::as_bytes(std::span(packed)), {9, 2, MeshoptMode::triangles});
  REQUIRE(narrow.has_value());
  CHECK(values_of<std::uint16_t>(*narrow) == std::vector<std::uint16_t>(indices.begin(), indices.end()));

  const std::vector<unsigned> lines{5, 4, 4, 100, 0};
  packed.resize(meshopt_encodeIndexSequenceBound(lines.size(), 101));
  packed.resize(meshopt_encodeIndexSequence(packed.data(), packed.size(), lines.data(), lines.size()));
  const auto sequence = decode_meshopt(std::as_bytes(std::span(packed)), {5, 4, MeshoptMode::indices});
  REQUIRE(sequence.has_value());
  CHECK(values_of<unsigned>(*sequence) == lines);
}

TEST_CASE("filters of meshopt give back directions, rotations and numbers", "[codec]") {
  constexpr float kRoot = 0.70710678f;
  const std::vector<float> normals{0, 0, 1, 0, kRoot, 0, kRoot, 1, -1, 0, 0, -1};
  std::vector<std::int8_t> octahedral(12);
  meshopt_encodeFilterOct(octahedral.data(), 3, 4, 8, normals.data());
  const auto normal_bytes = decode_meshopt(encode_vertices(octahedral.data(), 3, 4),
                                           {3, 4, MeshoptMode::attributes, MeshoptFilter::octahedral});
  REQUIRE(normal_bytes.has_value());
  const auto decoded = values_of<std::int8_t>(*normal_bytes);
  for (std::size_t i = 0; i < 12; ++i)
    CHECK(static_cast<float>(decoded[i]) / 127 == Approx(normals[i]).margin(0.02));

  const std::vector<float> rotations{0, 0, 0, 1, 0.5f, 0.5f, 0.5f, 0.5f};
  std::vector<std::int16_t> quaternions(8);
  meshopt_encodeFilterQuat(quaternions.data(), 2, 8, 16, rotations.data());
  const auto rotation_bytes = decode_meshopt(encode_vertices(quaternions.data(), 2, 8),
                                             {2, 8, MeshoptMode::attributes, MeshoptFilter::quaternion});
  REQUIRE(rotation_bytes.has_value());
  const auto turned = values_of<std::int16_t>(*rotation_bytes);
  for (std::size_t i = 0; i < 8; ++i)
    CHECK(std::abs(static_cast<float>(turned[i]) / 32767) == Approx(rotations[i]).margin(0.001));

  const std::vector<float> numbers{1.5f, -0.25f, 1000, 0, 3e-5f, 7};
  std::vector<std::uint32_t> exponential(6);
  meshopt_encodeFilterExp(exponential.data(), 2, 12, 24, numbers.data());
  const auto number_bytes = decode_meshopt(encode_vertices(exponential.data(), 2, 12),
                                           {2, 12, MeshoptMode::attributes, MeshoptFilter::exponential});
  REQUIRE(number_bytes.has_value());
  const auto read = values_of<float>(*number_bytes);
  for (std::size_t i = 0; i < 6; ++i) CHECK(read[i] == Approx(numbers[i]).epsilon(1e-4).margin(1e-3));
}

TEST_CASE("meshopt data that is wrong is an error", "[codec]") {
  const std::vector<float> values(30, 1.0f);
  const Bytes packed = encode_vertices(values.data(), 10, 12);
  const auto reason = [&](const MeshoptLayout& layout) { return reason_of(decode_meshopt(packed, layout)); };
  CHECK(reason({10, 10, MeshoptMode::attributes}) == "byteStride of attributes cannot be 10");
  CHECK(reason({10, 260, MeshoptMode::attributes}) == "byteStride of attributes cannot be 260");
  CHECK(reason({9, 3, MeshoptMode::triangles}) == "byteStride of indices cannot be 3");
  CHECK(reason({10, 2, MeshoptMode::triangles}) == "count of triangles' corners cannot be 10");
  CHECK(reason({10, 12, MeshoptMode::attributes, MeshoptFilter::octahedral}) ==
        "byteStride of the octahedral filter cannot be 12");
  CHECK(reason({10, 4, MeshoptMode::indices, MeshoptFilter::exponential}) ==
        "has a filter, which indices cannot have");
  CHECK(reason({std::uint64_t{1} << 40, 12, MeshoptMode::attributes}) == "is cut off");
  CHECK(reason({9, 4, MeshoptMode::triangles}) == "is damaged");
  for (std::size_t size = 0; size < packed.size(); ++size)
    CHECK_FALSE(decode_meshopt(ByteView(packed).first(size), {10, 12, MeshoptMode::attributes}).has_value());
}
