#include "simt/program.hpp"

#include <fmt/format.h>

#include <cstring>

#include "simt/fault.hpp"
#include "simt/function_decoder.hpp"

namespace oct::simt {

Program::Program(PtxText text) : text_(std::move(text)) {
  place_variables();
  functions_.resize(text_.functions.size());
  std::map<std::string, u32> indices;
  for (u32 i = 0; i < functions_.size(); ++i) indices[text_.functions[i].name] = i;
  for (u32 i = 0; i < functions_.size(); ++i) {
    functions_[i].text = &text_.functions[i];
    lay_out_parameters(functions_[i]);
  }
  for (Function& function : functions_) FunctionDecoder(*this, function, indices).decode();
}

void Program::place_variables() {
  for (const Variable& variable : text_.globals) {
    std::vector<u64>& memory = memory_.emplace_back((variable.size + 7) / 8 + 2, 0);
    const u64 address = (reinterpret_cast<u64>(memory.data()) + 15) / 16 * 16;
    if (!variable.bytes.empty())
      std::memcpy(reinterpret_cast<void*>(address), variable.bytes.data(), variable.bytes.size());
    globals_[variable.name] = address;
  }
  for (const Variable& variable : text_.shared) {
    if (variable.size == 0) continue;  // dynamic: after all others, wherever that is in a kernel
    const u64 align = std::max(variable.align, 1u);
    const u64 offset = (module_shared_bytes_ + align - 1) / align * align;
    shared_[variable.name] = offset;
    module_shared_bytes_ = static_cast<u32>(offset + variable.size);
  }
}

const Function& Program::kernel(const std::string& part) const {
  const Function* found = nullptr;
  for (const Function& function : functions_) {
    if (!function.text->is_kernel || function.text->name.find(part) == std::string::npos) continue;
    if (found)
      throw Fault(fmt::format("{}: \"{}\" is part of more than one kernel's name", text_.name, part));
    found = &function;
  }
  if (!found) throw Fault(fmt::format("{}: there is no kernel whose name holds \"{}\"", text_.name, part));
  return *found;
}

}  // namespace oct::simt
