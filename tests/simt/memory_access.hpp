#pragma once
#include "simt/decoding.hpp"
#include "simt/instruction.hpp"
#include "simt/opcode.hpp"

namespace oct::simt {

enum class Space : u8 { generic, global, constant, local, shared, parameter };

/// Takes the name of a space; generic without one.
Space take_space(Opcode& opcode);
/// Takes what orders an access among those of other threads. Lockstep orders all of them.
void take_memory_order(Opcode& opcode);

/// What is counted: loads, stores and atomics of global memory, all of local and shared memory, none of parameters.
Access access_of(Space space, Access in_global);

/// Sets the first source, displacement and `immediate` of an access from "[%rd1+8]".
void set_address(Decoding& decoding, const std::string& text, Space space);

/// Host addresses of the active lanes; counts the access. Fault for local and shared memory that is not there.
void memory_addresses(Lanes& lanes, const Instruction& instruction, u64* addresses);

}  // namespace oct::simt
