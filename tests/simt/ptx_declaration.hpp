#pragma once
#include <string>
#include <string_view>

#include "simt/ptx_text.hpp"

namespace oct::simt {

struct Declaration {
  std::string space;  ///< ".global", ".const", ".shared", ".local", ".param"
  Variable variable;
};

/// ".global .align 4 .b8 name[12] = {1, 2}". Fault without a place for what is not understood.
Declaration variable_declaration(std::string_view text);

/// ".visible .func (.param .b32 result) name(.param .b64 first)", without its body.
FunctionText function_header(std::string_view text);

}  // namespace oct::simt
