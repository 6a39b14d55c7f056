#include "scene/gltf_json.hpp"

namespace oct {

const Json* find_member(const Json& object, const char* name) {
  const auto member = object.find(name);
  return member != object.end() ? &*member : nullptr;
}

const Json* find_extension(const Json& object, const char* name) {
  const Json* extensions = find_member(object, "extensions");
  if (extensions == nullptr || !extensions->is_object()) return nullptr;
  const Json* extension = find_member(*extensions, name);
  return extension != nullptr && extension->is_object() ? extension : nullptr;
}

const Json& array_in(const Json& object, const char* name) {
  static const Json kEmpty = Json::array();
  const Json* member = find_member(object, name);
  return member != nullptr ? *member : kEmpty;
}

int index_in(const Json& object, const char* name) {
  return static_cast<int>(number_or(object, name, -1));
}

std::uint64_t whole_or(const Json& object, const char* name, std::uint64_t otherwise) {
  const Json* member = find_member(object, name);
  return member != nullptr ? static_cast<std::uint64_t>(member->get<double>()) : otherwise;
}

double number_or(const Json& object, const char* name, double otherwise) {
  const Json* member = find_member(object, name);
  return member != nullptr ? member->get<double>() : otherwise;
}

bool flag_or(const Json& object, const char* name, bool otherwise) {
  const Json* member = find_member(object, name);
  return member != nullptr ? member->get<bool>() : otherwise;
}

std::string text_in(const Json& object, const char* name) {
  const Json* member = find_member(object, name);
  return member != nullptr ? member->get<std::string>() : std::string();
}

std::vector<double> numbers_in(const Json& object, const char* name) {
  const Json& array = array_in(object, name);
  std::vector<double> values;
  values.reserve(array.size());
  for (const Json& value : array) values.push_back(value.get<double>());
  return values;
}

}  // namespace oct
