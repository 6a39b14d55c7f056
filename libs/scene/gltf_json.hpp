#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "scene/gltf_document.hpp"

// Members of a checked document, which may be left out. What is there has the right type (gltf_properties.cpp); whole
// numbers may be written as 3.0.

namespace oct {

/// nullptr where the object has no such member.
const Json* find_member(const Json& object, const char* name);

/// The object's extension of this name, nullptr where it has none that is an object.
const Json* find_extension(const Json& object, const char* name);

/// An array of the document, empty where it is left out.
const Json& array_in(const Json& object, const char* name);

/// -1 where there is none.
int index_in(const Json& object, const char* name);

std::uint64_t whole_or(const Json& object, const char* name, std::uint64_t otherwise);
double number_or(const Json& object, const char* name, double otherwise);
bool flag_or(const Json& object, const char* name, bool otherwise);

/// Empty where there is none.
std::string text_in(const Json& object, const char* name);
std::vector<double> numbers_in(const Json& object, const char* name);

/// `otherwise` also where the array has another length.
template <std::size_t N>
std::array<double, N> numbers_or(const Json& object, const char* name,
                                 const std::array<double, N>& otherwise) {
  const std::vector<double> values = numbers_in(object, name);
  std::array<double, N> result = otherwise;
  if (values.size() == N) std::copy(values.begin(), values.end(), result.begin());
  return result;
}

}  // namespace oct
