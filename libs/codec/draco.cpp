#include "codec/draco.hpp"

#include <draco/compression/decode.h>
#include <fmt/format.h>

#include <cstring>
#include <optional>
#include <stdexcept>

#include "codec/invalid.hpp"

namespace oct {
namespace {

/// The head of a Draco file ("Draco Bitstream Specification" 2.2). The library makes room for as many faces as it
/// is told, so they are counted first.
class Head {
 public:
  explicit Head(ByteView bytes) : bytes_(bytes) {}

  /// Of a mesh; none when the file is not a mesh, or is cut off.
  std::optional<std::uint64_t> face_count() {
    if (bytes_.size() < 11 || std::memcmp(bytes_.data(), "DRACO", 5) != 0) return std::nullopt;
    const unsigned version = byte_at(5) << 8 | byte_at(6);
    constexpr unsigned kMesh = 1, kEdgebreaker = 1, kMetadata = 0x8000;
    const unsigned method = byte_at(8);
    const unsigned flags = byte_at(9) | byte_at(10) << 8;
    if (byte_at(7) != kMesh || version < 0x0202) return std::nullopt;
    at_ = 11;
    if ((flags & kMetadata) != 0) skip_file_metadata();
    if (method == kEdgebreaker) {
      skip(1);   // how faces were walked
      number();  // vertices
    }
    const std::uint64_t faces = number();
    return failed_ ? std::nullopt : std::optional(faces);
  }

 private:
  unsigned byte_at(std::size_t at) const { return std::to_integer<unsigned>(bytes_[at]); }

  void skip(std::uint64_t size) {
    if (size > bytes_.size() - at_) {
      failed_ = true;
      at_ = bytes_.size();
    } else {
      at_ += size;
    }
  }

  /// Seven bits a byte, the lowest first.
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 63; shift += 7) {
      if (at_ == bytes_.size()) break;
      const unsigned byte = byte_at(at_++);
      value |= std::uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return value;
    }
    failed_ = true;
    return 0;
  }

  void skip_name() {
    if (at_ < bytes_.size())
      skip(1 + byte_at(at_));
    else
      failed_ = true;
  }

  void skip_file_metadata() {
    for (std::uint64_t left = number(); left > 0 && !failed_; --left) {
      number();  // the attribute that it is about
      skip_metadata();
    }
    skip_metadata();
  }

  /// Entries, then others inside it.
  void skip_metadata() {
    std::uint64_t inside = 1;
    for (bool first = true; inside > 0 && !failed_; --inside, first = false) {
      if (!first) skip_name();
      for (std::uint64_t entries = number(); entries > 0 && !failed_; --entries) {
        skip_name();
        skip(number());
      }
      const std::uint64_t more = number();
      if (more > bytes_.size()) failed_ = true;
      inside += more;
    }
  }

  ByteView bytes_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

Result<void> check_size(ByteView packed) {
  constexpr std::uint64_t kAlways = std::uint64_t{1} << 20;
  constexpr std::uint64_t kFacesPerByte = 256;
  const std::optional<std::uint64_t> faces = Head(packed).face_count();
  if (!faces) return invalid("is not a mesh of Draco 2.2");
  if (*faces > kAlways + kFacesPerByte * packed.size()) return invalid("is cut off");
  return {};
}

template <class T>
bool copy_values(const draco::PointAttribute& attribute, std::size_t vertex_count, std::size_t components,
                 Bytes& out) {
  out.resize(vertex_count * components * sizeof(T));
  for (std::size_t vertex = 0; vertex < vertex_count; ++vertex) {
    T values[4] = {};
    const auto place = attribute.mapped_index(draco::PointIndex(static_cast<std::uint32_t>(vertex)));
    if (place.value() >= attribute.size()) return false;
    if (!attribute.ConvertValue<T>(place, static_cast<std::int8_t>(components), values)) return false;
    std::memcpy(out.data() + vertex * components * sizeof(T), values, components * sizeof(T));
  }
  return true;
}

bool copy_values(const draco::PointAttribute& attribute, std::size_t vertex_count,
                 const DracoAttribute& wanted, Bytes& out) {
  switch (wanted.kind) {
    case NumberKind::int8: return copy_values<std::int8_t>(attribute, vertex_count, wanted.components, out);
    case NumberKind::uint8: return copy_values<std::uint8_t>(attribute, vertex_count, wanted.components, out);
    case NumberKind::int16: return copy_values<std::int16_t>(attribute, vertex_count, wanted.components, out);
    case NumberKind::uint16:
      return copy_values<std::uint16_t>(attribute, vertex_count, wanted.components, out);
    case NumberKind::uint32:
      return copy_values<std::uint32_t>(attribute, vertex_count, wanted.components, out);
    case NumberKind::real: return copy_values<float>(attribute, vertex_count, wanted.components, out);
  }
  return false;
}

Result<DracoMesh> unpack(const draco::Mesh& source, std::span<const DracoAttribute> wanted) {
  DracoMesh mesh;
  mesh.vertex_count = source.num_points();
  mesh.corners.reserve(std::size_t{source.num_faces()} * 3);
  for (std::uint32_t f = 0; f < source.num_faces(); ++f) {
    for (const draco::PointIndex& corner : source.face(draco::FaceIndex(f))) {
      if (corner.value() >= mesh.vertex_count) return invalid("is damaged");
      mesh.corners.push_back(corner.value());
    }
  }
  for (const DracoAttribute& attribute : wanted) {
    const draco::PointAttribute* found = source.GetAttributeByUniqueId(attribute.id);
    if (found == nullptr) return invalid(fmt::format("has no attribute {}", attribute.id));
    if (!copy_values(*found, mesh.vertex_count, attribute, mesh.attributes.emplace_back()))
      return invalid(fmt::format("has an attribute {} that cannot be converted", attribute.id));
  }
  return mesh;
}

}  // namespace

Result<DracoMesh> decode_draco(ByteView packed, std::span<const DracoAttribute> wanted) {
  OCT_TRY(check_size(packed));
  draco::DecoderBuffer buffer;
  buffer.Init(reinterpret_cast<const char*>(packed.data()), packed.size());
  try {
    draco::Decoder decoder;
    auto decoded = decoder.DecodeMeshFromBuffer(&buffer);
    if (!decoded.ok() || decoded.value() == nullptr) return invalid("is damaged");
    return unpack(*decoded.value(), wanted);
  } catch (const std::length_error&) {  // of a vector that damaged data asks for
    return invalid("is damaged");
  }
}

}  // namespace oct
