#include <fstream>  // tinygltf forgets it when it is told to leave files alone

#define TINYGLTF_IMPLEMENTATION
#include "scene/gltf_model.hpp"

#include <fmt/format.h>

#include <limits>
#include <string>

namespace oct {
namespace {

/// tinygltf takes whole numbers written as 3.0 for no whole numbers, and cuts those of extensions to 32 bits.
void normalize_number(Json& value, bool in_extension) {
  constexpr double kLargestInt = std::numeric_limits<int>::max();
  const double number = value.get<double>();
  const bool fits = number >= -kLargestInt && number <= kLargestInt;
  if (value.is_number_float() && fits && static_cast<double>(static_cast<int>(number)) == number) {
    if (number < 0) {
      value = static_cast<std::int64_t>(number);
    } else {
      value = static_cast<std::uint64_t>(number);
    }
  } else if (in_extension && !value.is_number_float() && !fits) {
    value = number;
  }
}

/// Recursion is bounded: parse_gltf_json has checked the nesting.
void normalize_numbers(Json& value, bool in_extension) {
  if (value.is_number()) return normalize_number(value, in_extension);
  if (value.is_array()) {
    for (Json& item : value) normalize_numbers(item, in_extension);
  } else if (value.is_object()) {
    value.erase("extras");
    for (auto& [name, member] : value.items())
      normalize_numbers(member, in_extension || name == "extensions");
  }
}

/// Calls use(primitive, mesh's place, primitive's place) for all primitives of a checked document.
template <class Document, class Use>
void for_each_primitive(Document& document, const Use& use) {
  const auto meshes = document.find("meshes");
  if (meshes == document.end()) return;
  for (std::size_t m = 0; m < meshes->size(); ++m) {
    auto& primitives = (*meshes)[m].at("primitives");
    for (std::size_t p = 0; p < primitives.size(); ++p) use(primitives[p], m, p);
  }
}

/// tinygltf refuses indices that are in no buffer view, as those of packed primitives are: takes them out.
void take_indices(Json& document) {
  for_each_primitive(document, [](Json& primitive, std::size_t, std::size_t) { primitive.erase("indices"); });
}

void put_indices_back(const Json& checked_document, tinygltf::Model& model) {
  for_each_primitive(checked_document, [&](const Json& primitive, std::size_t m, std::size_t p) {
    const auto indices = primitive.find("indices");
    if (indices == primitive.end()) return;
    model.meshes.at(m).primitives.at(p).indices = static_cast<int>(indices->get<double>());
  });
}

}  // namespace

Result<tinygltf::Model> gltf_model(const Json& checked_document) {
  Json document = checked_document;
  // What these hold we read ourselves or not at all. tinygltf 2.7 would read past the end of short buffers.
  for (const char* name : {"buffers", "images", "animations", "skins"}) document.erase(name);
  take_indices(document);
  normalize_numbers(document, false);
  const std::string text = document.dump();
  if (text.size() > std::numeric_limits<unsigned>::max()) {
    return fail(ErrorKind::invalid_input, "its JSON is larger than 4 GB");
  }
  tinygltf::TinyGLTF reader;
  tinygltf::Model model;
  std::string error;
  std::string warning;
  const bool read = reader.LoadASCIIFromString(&model, &error, &warning, text.data(),
                                               static_cast<unsigned>(text.size()), "", tinygltf::NO_REQUIRE);
  if (!read || !error.empty()) {
    return fail(ErrorKind::invalid_input,
                "its JSON is not valid glTF: a property is missing, or is not what it should be",
                "a glTF validator names it; exporting the scene again may mend it");
  }
  put_indices_back(checked_document, model);
  return model;
}

}  // namespace oct
