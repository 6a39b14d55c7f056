#pragma once
#include <optional>
#include <string_view>

#include "data/types.hpp"

namespace oct::simt {

enum class Type : u8 { none, pred, b8, b16, b32, b64, u8, u16, u32, u64, s8, s16, s32, s64, f32, f64 };

/// Of ".f32" without its dot; none for anything else.
Type type_named(std::string_view name);

/// Bytes in memory; 4 for predicates.
u32 size_of(Type type);

inline bool is_float(Type type) {
  return type == Type::f32 || type == Type::f64;
}
inline bool is_signed(Type type) {
  return type == Type::s8 || type == Type::s16 || type == Type::s32 || type == Type::s64;
}

}  // namespace oct::simt
