#pragma once
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace oct::test {

/// Writes small glTF files. `document` is open for whatever a test wants to be in it, wrong things too.
class GltfMaker {
 public:
  using Json = nlohmann::json;

  enum Component {
    byte = 5120,
    unsigned_byte = 5121,
    int16 = 5122,
    unsigned_short = 5123,
    unsigned_int = 5125,
    real = 5126
  };

  GltfMaker() { document["asset"]["version"] = "2.0"; }

  /// Appends to the one buffer, aligned to four bytes; returns the buffer view.
  template <class T>
  std::size_t view(const std::vector<T>& values) {
    binary.resize((binary.size() + 3) / 4 * 4);
    const std::size_t offset = binary.size();
    const std::size_t size = values.size() * sizeof(T);
    binary.resize(offset + size);
    std::memcpy(binary.data() + offset, values.data(), size);
    return add("bufferViews", {{"buffer", 0}, {"byteOffset", offset}, {"byteLength", size}});
  }

  template <class T>
  std::size_t accessor(Component component, const char* type, std::size_t count,
                       const std::vector<T>& values) {
    return add(
        "accessors",
        {{"bufferView", view(values)}, {"componentType", component}, {"type", type}, {"count", count}});
  }
  std::size_t vec3(const std::vector<float>& values) {
    return accessor(real, "VEC3", values.size() / 3, values);
  }
  std::size_t vec2(const std::vector<float>& values) {
    return accessor(real, "VEC2", values.size() / 2, values);
  }
  std::size_t indices(const std::vector<std::uint16_t>& values) {
    return accessor(unsigned_short, "SCALAR", values.size(), values);
  }

  /// Appends to an array at the document's top; returns the place.
  std::size_t add(const char* array, Json value) {
    document[array].push_back(std::move(value));
    return document[array].size() - 1;
  }

  /// A mesh of one primitive, a node that shows it, and that node in the scene. Returns the mesh.
  std::size_t show(Json primitive, Json node = Json::object()) {
    const std::size_t mesh = add("meshes", {{"primitives", Json::array({std::move(primitive)})}});
    node["mesh"] = mesh;
    add("nodes", std::move(node));
    return mesh;
  }

  /// Three corners in the plane z = 0, facing +Z.
  std::size_t show_triangle(Json node = Json::object()) {
    return show({{"attributes", {{"POSITION", vec3({0, 0, 0, 1, 0, 0, 0, 1, 0})}}}}, std::move(node));
  }

  Bytes glb() const {
    Json complete = document;
    if (!binary.empty()) complete["buffers"] = Json::array({{{"byteLength", binary.size()}}});
    std::string text = complete.dump();
    text.resize((text.size() + 3) / 4 * 4, ' ');
    Bytes data = binary;
    data.resize((data.size() + 3) / 4 * 4);
    Bytes file;
    append(file, {0x46546c67, 2, static_cast<std::uint32_t>(28 + text.size() + data.size())});
    append(file, {static_cast<std::uint32_t>(text.size()), 0x4e4f534a});
    for (const char c : text) file.push_back(static_cast<std::byte>(c));
    append(file, {static_cast<std::uint32_t>(data.size()), 0x004e4942});
    file.insert(file.end(), data.begin(), data.end());
    return file;
  }

  /// With the buffer as a data URI.
  std::string gltf() const {
    Json complete = document;
    if (!binary.empty()) {
      complete["buffers"] =
          Json::array({{{"byteLength", binary.size()},
                        {"uri", "data:application/octet-stream;base64," + base64(binary)}}});
    }
    return complete.dump();
  }

  static std::string base64(ByteView bytes) {
    static constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
      std::uint32_t bits = 0;
      for (std::size_t k = 0; k < 3; ++k) {
        bits = bits << 8 | (i + k < bytes.size() ? std::to_integer<std::uint32_t>(bytes[i + k]) : 0);
      }
      for (std::size_t k = 0; k < 4; ++k) {
        text += i + k > bytes.size() ? '=' : kAlphabet[bits >> (18 - 6 * k) & 63];
      }
    }
    return text;
  }

  Json document;
  Bytes binary;

 private:
  static void append(Bytes& file, const std::vector<std::uint32_t>& words) {
    for (const std::uint32_t word : words) {
      for (unsigned shift = 0; shift < 32; shift += 8)
        file.push_back(static_cast<std::byte>(word >> shift & 0xffu));
    }
  }
};

inline ByteView bytes_of_text(std::string_view text) {
  return std::as_bytes(std::span<const char>(text.data(), text.size()));
}

}  // namespace oct::test
