#include "support/scene_samples.hpp"

#include "scene/uri.hpp"
#include "support/gltf_animations.hpp"
#include "support/gltf_maker.hpp"
#include "support/picture_files.hpp"

namespace oct::test {
namespace {

using Json = GltfMaker::Json;

Bytes copy_of(std::string_view text) {
  const ByteView view = bytes_of_text(text);
  return {view.begin(), view.end()};
}

GltfMaker make_gltf() {
  GltfMaker maker;
  const auto positions = maker.vec3({0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0});
  const auto normals = maker.vec3({0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1});
  const auto uvs = maker.vec2({0, 0, 1, 0, 0, 1, 1, 1});
  const auto colors =
      maker.accessor(GltfMaker::unsigned_byte, "VEC4", 4, std::vector<std::uint8_t>(16, std::uint8_t{200}));
  maker.document["accessors"][colors]["normalized"] = true;
  const auto indices = maker.indices({0, 1, 2, 1, 3, 2});
  const auto sparse_indices = maker.view(std::vector<std::uint16_t>{2});
  const auto sparse_values = maker.view(std::vector<float>{0, 2, 0});
  maker.document["accessors"][positions]["sparse"] = {
      {"count", 1},
      {"indices", {{"bufferView", sparse_indices}, {"componentType", 5123}}},
      {"values", {{"bufferView", sparse_values}}}};
  maker.add("images", {{"mimeType", "image/png"}, {"bufferView", maker.view(a_png(9, 8, 7))}});
  maker.add("samplers", {{"wrapS", 33071}, {"magFilter", 9728}});
  maker.add("textures", {{"source", 0}, {"sampler", 0}});
  const Json texture = {{"index", 0}, {"extensions", {{"KHR_texture_transform", {{"scale", {2, 2}}}}}}};
  maker.add("materials",
            {{"name", "paint"},
             {"pbrMetallicRoughness", {{"baseColorTexture", texture}, {"baseColorFactor", {1, 0.5, 0, 1}}}},
             {"alphaMode", "MASK"},
             {"extensions",
              {{"KHR_materials_transmission", {{"transmissionFactor", 0.5}}},
               {"KHR_materials_ior", {{"ior", 1.4}}},
               {"KHR_materials_specular", {{"specularTexture", texture}}}}}});
  const Json attributes = {
      {"POSITION", positions}, {"NORMAL", normals}, {"TEXCOORD_0", uvs}, {"COLOR_0", colors}};
  maker.show({{"attributes", attributes},
              {"indices", indices},
              {"material", 0},
              {"targets", {{{"POSITION", normals}}}}},
             {{"name", "body"}, {"translation", {1, 2, 3}}, {"rotation", {0, 0, 0.5, 1}}});
  maker.document["meshes"][0]["weights"] = {0.25};
  maker.show({{"attributes", {{"POSITION", positions}}}, {"mode", 5}});
  maker.add("cameras", {{"type", "perspective"}, {"perspective", {{"yfov", 0.7}, {"znear", 0.1}}}});
  maker.document["extensions"]["KHR_lights_punctual"]["lights"] = Json::array(
      {{{"type", "spot"}, {"intensity", 10}, {"spot", {{"innerConeAngle", 0.1}, {"outerConeAngle", 0.5}}}}});
  maker.add("nodes",
            {{"children", {0, 1}}, {"camera", 0}, {"extensions", {{"KHR_lights_punctual", {{"light", 0}}}}}});
  maker.add("scenes", {{"nodes", {2}}});
  maker.document["scene"] = 0;
  return maker;
}

}  // namespace

Bytes sample_glb() {
  return make_gltf().glb();
}

Bytes sample_gltf() {
  return copy_of(make_gltf().gltf());
}

Bytes sample_posed_gltf() {
  GltfMaker maker;
  const auto corners = maker.vec3({0, 0, 0, 1, 0, 0, 0, 1, 0});
  const auto joints = maker.accessor(GltfMaker::unsigned_byte, "VEC4", 3,
                                     std::vector<std::uint8_t>{0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0});
  const auto weights = maker.accessor(GltfMaker::real, "VEC4", 3,
                                      std::vector<float>{0.5f, 0.5f, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0});
  const GltfMaker::Json attributes = {
      {"POSITION", corners}, {"NORMAL", corners}, {"JOINTS_0", joints}, {"WEIGHTS_0", weights}};
  const GltfMaker::Json target = {{"POSITION", corners}, {"NORMAL", corners}};
  maker.document["cameras"] = {
      {{"type", "orthographic"}, {"orthographic", {{"xmag", 2}, {"ymag", 1}, {"znear", 0}, {"zfar", 9}}}}};
  maker.document["extensions"]["KHR_lights_punctual"]["lights"] = {{{"type", "point"}, {"intensity", 2}}};
  maker.document["materials"] = {{{"emissiveFactor", {1, 0, 0}}}};
  maker.show({{"attributes", attributes}, {"targets", {target}}, {"material", 0}},
             {{"skin", 0}, {"weights", {0.5}}});
  maker.add("nodes", {{"children", {0, 2}}, {"camera", 0}, {"translation", {1, 0, 0}}});
  maker.add("nodes", {{"mesh", 0}, {"extensions", {{"KHR_lights_punctual", {{"light", 0}}}}}});
  maker.document["nodes"][2]["extensions"]["EXT_mesh_gpu_instancing"]["attributes"] = {
      {"TRANSLATION", corners}};
  maker.document["nodes"][2]["extensions"]["KHR_node_visibility"]["visible"] = true;
  std::vector<float> binds;
  for (int i = 0; i < 2; ++i) binds.insert(binds.end(), {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1});
  maker.document["skins"] = {
      {{"joints", {1, 2}}, {"inverseBindMatrices", maker.accessor(GltfMaker::real, "MAT4", 2, binds)}}};
  animate(maker, of_node(1, "translation"), {0, 1}, "VEC3", {0, 0, 0, 1, 2, 3});
  animate(maker, of_node(1, "rotation"), {0, 1, 2}, "VEC4", {0, 0, 0, 1, 0, 1, 0, 0, 1, 0, 0, 0});
  animate(maker, of_node(1, "scale"), {0, 1}, "VEC3",
          {0, 0, 0, 1, 1, 1, 0, 0, 0, /**/ 0, 0, 0, 2, 2, 2, 0, 0, 0}, "CUBICSPLINE");
  animate(maker, of_node(0, "weights"), {0, 1}, "SCALAR", {0, 1}, "STEP");
  animate(maker, of_pointer("/materials/0/emissiveFactor"), {0, 1}, "VEC3", {0, 0, 0, 1, 1, 1});
  animate(maker, of_pointer("/cameras/0/orthographic/ymag"), {0, 1}, "SCALAR", {1, 2});
  animate(maker, of_pointer("/extensions/KHR_lights_punctual/lights/0/intensity"), {0, 1}, "SCALAR", {0, 9});
  return copy_of(maker.gltf());
}

Bytes sample_obj() {
  return copy_of(
      "# a sample\nmtllib none.mtl\no box\nv 0 0 0\nv 1 0 0 1 0 0\nv 1 1 0\nv 0 1e0 0\nv 0.5 0.5 \\\n 1\n"
      "vt 0 0\nvt 1 0\nvn 0 0 1\ng side\nusemtl red\ns off\nf 1/1/1 2/2/1 3/1/1 4/2/1\nf -1 -2 -3\n"
      "usemtl blue\nf 1//1 2//1 5//1\nl 1 2\nf 1 2 3 4 5\n");
}

Bytes sample_mtl() {
  return copy_of(
      "newmtl red\nKd 1 0 0\nKs 0.5 0.5 0.5\nKe 0 0 1\nNs 30\nNi 1.5\nd 0.5\nillum 2\nmap_Kd -s 2 2 -o 0.5 "
      "wood.png\n"
      "newmtl glass\nillum 7\nNi 1.33\nTf 1 1 1\nPr 0.1\nPm 0\nnorm -bm 0.5 bumps.png\n");
}

Bytes sample_png() {
  return make_png(
      3, 2, 8, 6,
      {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, {13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24}});
}

/// 17 x 11 pixels, quality 70, colour at half resolution.
Bytes sample_jpeg() {
  static constexpr std::string_view kFile =
      "data:image/jpeg;base64,"
      "/9j/4AAQSkZJRgABAQAAAQABAAD/2wCEAAoHBwgHBgoICAgLCgoLDhgQDg0NDh0VFhEYIx8lJCIfIiEmKzcvJik0KSEiMEEx"
      "NDk7Pj4+JS5ESUM8SDc9PjsBCgsLDg0OHBAQHDsoIig7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7"
      "Ozs7Ozs7Ozs7O//AABEIAAsAEQMBIgACEQEDEQH/xAGiAAABBQEBAQEBAQAAAAAAAAAAAQIDBAUGBwgJCgsQAAIBAwMCBAMF"
      "BQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElK"
      "U1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV"
      "1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+gEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoLEQACAQIEBAMEBwUEBAABAncA"
      "AQIDEQQFITEGEkFRB2FxEyIygQgUQpGhscEJIzNS8BVictEKFiQ04SXxFxgZGiYnKCkqNTY3ODk6Q0RFRkdISUpTVFVWV1hZ"
      "WmNkZWZnaGlqc3R1dnd4eXqCg4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2dri"
      "4+Tl5ufo6ery8/T19vf4+fr/2gAMAwEAAhEDEQA/AOS07wuGUMyYA74roLPwwnGIB7ZHJ/Cum063hKxL5YwTmtyzhjPVAcpu"
      "6d+a4ZY6MKUfd1f+Sf6o48nzis2jjP8AhHIv+eKfkP8AGj/hHIv+eKfkP8a9E8uP/nmv/fIo8uP/AJ5r/wB8iuH+01/UV/mf"
      "Zf2xWP/Z";
  return decode_data_uri(kFile).value();
}

/// Two lines of eight pixels, run-length coded.
Bytes sample_hdr() {
  ByteWriter file;
  file.text("#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 2 +X 8\n");
  for (int y = 0; y < 2; ++y) {
    file.u8(2).u8(2).u8(0).u8(8);
    file.u8(128 + 8).u8(100);  // a run
    file.u8(8);
    for (unsigned x = 0; x < 8; ++x) file.u8(x * 20);      // as they are
    file.u8(128 + 4).u8(7).u8(4).u8(1).u8(2).u8(3).u8(4);  // both
    file.u8(128 + 8).u8(130);
  }
  return file.bytes;
}

/// 40 x 36 pixels, red as float, green and blue as half: (x / 4 + y / 8 * channel) / 4 with whole divisions;
/// written by tinyexr.
static Bytes sample_piz() {
  static constexpr std::string_view kFile =
      "data:image/x-exr;base64,"
      "di8xAQIAAABjaGFubmVscwBjaGxpc3QANwAAAEIAAQAAAAAAAAABAAAAAQAAAEcAAQAAAAAAAAABAAAAAQAAAFIAAgAAAAAA"
      "AAABAAAAAQAAAABjb21wcmVzc2lvbgBjb21wcmVzc2lvbgABAAAABGRhdGFXaW5kb3cAYm94MmkAEAAAAAAAAAAAAAAAJwAA"
      "ACMAAABkaXNwbGF5V2luZG93AGJveDJpABAAAAAAAAAAAAAAACcAAAAjAAAAbGluZU9yZGVyAGxpbmVPcmRlcgABAAAAAHBp"
      "eGVsQXNwZWN0UmF0aW8AZmxvYXQABAAAAAAAgD9zY3JlZW5XaW5kb3dDZW50ZXIAdjJmAAgAAAAAAAAAAAAAAHNjcmVlbldp"
      "bmRvd1dpZHRoAGZsb2F0AAQAAAAAAIA/AEkBAAAAAAAAzQUAAAAAAAAAAAAAfAQAAIAGcAgBAAAAAAAAAAAAAAAAAAAAAAAA"
      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAA"
      "AAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAQAAAAAAAAABAAAAAAAAAAEAAAABAAAAAQAA"
      "AAEAAAABAAEAAAAAAAAAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAQAA"
      "AAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAYMCAAAAAAAAAAABAMkBAAAwBQAAAAAAAAex"
      "yB+x/hyCCOyP////////////////////////////////////////////////////////////////////////////////////"
      "////////////////////////////////////////////////////////////////////////////////////////////////"
      "////////////////////////////////////////////////////////////////////////////////////////////////"
      "////////////////////////////////////////////////////////////////////////////////////////////////"
      "////////////////////////////////////////////////////////////////////////////////////////////////"
      "////////////////////////////////////////////////////////////////////////////////////////////////"
      "////////////////////7IFGHIHDCIAN3nvBe8XngXMH/4ONHv94vPC889g//BxofeLzwnPPeCdg//BxoXnheee/3nsH/4ON"
      "Be894+8RzwHmD/8HGnv94nvCcXvYP/wcaBu894Bzx88D7B/+DjT3+88Xie97B/+DjYb+P+I/v8X+/z/f4f+wf/g//Bz4f//f"
      "/+//9//7B/+D/8HPh/xH9//7/P9/h/7B/+D/8HPh//9//7//3//sH/4P/wc1IAAAAF4BAACAB4gIAQAAAAAAAAAAAAAAAAAA"
      "AAAAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAABAAAAAAAA"
      "AAAAAAAAAAAAAQAAAAAAAAABAAAAAAAAAAEAAAABAAAAAQAAAAEAAAABAAEAAAAAAAAAAAAAAAAAAQAAAAAAAAAAAAAAAAAA"
      "AAEAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAABAAAAAAAA"
      "AAAAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAU0AAAAAAAAAFgAAABIAAAA2AQAAAAAAAARhhhhRhRhhhBhRRRRR"
      "hhhhgH6err7O3k8rl8ya9AcHhc/fp6uvs7ZsGH/P/E/o/i/xv4/9/5E31A==";
  return decode_data_uri(kFile).value();
}

/// 16 x 20 pixels of half, all of one value, so that every codec shrinks them.
Bytes sample_exr(unsigned compression) {
  if (compression == 4) return sample_piz();
  ExrMaker exr;
  exr.width = 16;
  exr.height = 20;
  exr.compression = compression;
  exr.lines_per_block = compression == 3 || compression == 5 ? 16 : 1;
  for (std::uint32_t y = 0; y < exr.height; y += exr.lines_per_block) {
    const std::size_t lines = std::min(exr.lines_per_block, exr.height - y);
    const std::size_t size = lines * 16 * 3 * 2;
    ByteWriter block;
    if (compression == 1) {  // zeros, whose differences are 128 but for the first
      block.u8(0).u8(0);
      for (std::size_t left = size - 1; left > 0;) {
        const std::size_t run = std::min<std::size_t>(left, 128);
        block.u8(static_cast<unsigned>(run - 1)).u8(128);
        left -= run;
      }
    } else if (compression == 2 || compression == 3) {
      Bytes differences(size, std::byte{128});
      differences[0] = std::byte{0};
      block.raw(deflate(differences));
    } else if (compression == 5) {
      block.raw(deflate(Bytes(size)));
    } else {
      block.raw(Bytes(size));
    }
    exr.blocks.push_back(block.bytes);
  }
  return exr.file();
}

}  // namespace oct::test
