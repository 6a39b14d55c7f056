# Checks of the source tree and of what the compiler made of it; each is a script that people can call too.
find_package(Python3 COMPONENTS Interpreter)
if(NOT Python3_Interpreter_FOUND)
  message(WARNING "no Python: the tests of layers, headers and symbols are left out")
  return()
endif()
set(scripts ${CMAKE_SOURCE_DIR}/scripts)

# The interpreter runs here even where the programs under test run in an emulator.
add_test(NAME tree_layers COMMAND Python3::Interpreter ${scripts}/check_layers.py ${CMAKE_SOURCE_DIR})
add_test(NAME tree_layers_self COMMAND Python3::Interpreter ${scripts}/check_layers.py --self-test)

set(core octane_core)
add_test(NAME tree_headers CONFIGURATIONS slow
  COMMAND Python3::Interpreter ${scripts}/check_headers.py --compiler ${CMAKE_CXX_COMPILER}
    --cache ${CMAKE_CURRENT_BINARY_DIR}/checked_headers.json ${CMAKE_SOURCE_DIR}/libs ${CMAKE_SOURCE_DIR}/kernels
    -- -std=c++20 -I "-I$<JOIN:$<TARGET_PROPERTY:${core},INCLUDE_DIRECTORIES>,;-I>"
    -D "-D$<JOIN:$<TARGET_PROPERTY:${core},COMPILE_DEFINITIONS>,;-D>"
  COMMAND_EXPAND_LISTS)
set_tests_properties(tree_headers PROPERTIES TIMEOUT 900)

# That the kernels are made by the compiler that was chosen for them, and the programs say so.
if(OCT_KERNEL_COMMAND MATCHES "clang" AND NOT CMAKE_CROSSCOMPILING)
  add_test(NAME tree_kernel_compiler COMMAND octane_master --version --json)
  set_tests_properties(tree_kernel_compiler PROPERTIES PASS_REGULAR_EXPRESSION "\"kernel_compiler\":\"clang [0-9]")
endif()

add_test(NAME tree_symbols_self
  COMMAND Python3::Interpreter ${scripts}/check_symbols.py --nm ${CMAKE_NM} --self-test ${CMAKE_CXX_COMPILER})
if(TARGET octane_kernels_x64 AND TARGET octane_kernels_v3)
  # All other objects, the host side of CUDA files among them, are compiled for the plain instruction set; --own is what
  # keeps them and v3 apart.
  add_test(NAME tree_symbols
    COMMAND Python3::Interpreter ${scripts}/check_symbols.py --nm ${CMAKE_NM}
      --set x64 $<TARGET_OBJECTS:octane_kernels_x64>
      --set v3 $<TARGET_OBJECTS:octane_kernels_v3> --own v3
    COMMAND_EXPAND_LISTS)
endif()
