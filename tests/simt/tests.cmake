# The GPU's compiled kernels on the CPU: PTX in 32-lane lockstep (README.md). Wants nvcc, but no GPU.
if(OCT_SANITIZE OR OCT_FUZZ OR CMAKE_CROSSCOMPILING)
  return()  # the release configuration has these tests
endif()
find_package(Python3 COMPONENTS Interpreter)
set(here ${CMAKE_CURRENT_LIST_DIR})

if(Python3_Interpreter_FOUND AND TARGET octane_kernels_v3 AND CMAKE_OBJDUMP)
  add_subdirectory(${here}/asked simt/asked)
  add_test(NAME simt_cpu_fma COMMAND Python3::Interpreter ${here}/check_cpu_fma.py --objdump ${CMAKE_OBJDUMP}
    --asked $<TARGET_OBJECTS:octane_simt_asked_fma> --without $<TARGET_OBJECTS:octane_kernels_x64> COMMAND_EXPAND_LISTS)
  add_test(NAME simt_cpu_fma_self COMMAND Python3::Interpreter ${here}/check_cpu_fma.py --objdump ${CMAKE_OBJDUMP}
    --self-test ${CMAKE_CXX_COMPILER})
endif()

find_program(OCT_NVCC nvcc PATHS /usr/local/cuda/bin)
if(NOT OCT_NVCC)
  message(STATUS "no nvcc: the tests of the GPU's compiled code on the CPU (tests/simt) are left out")
  return()
endif()

# The virtual architecture of the release build's last one; what nvcc is asked for by hand otherwise.
set(simt_architecture 90)
if(CMAKE_CUDA_ARCHITECTURES MATCHES "^([0-9]+[-a-z]*;)*([0-9]+)[-a-z]*$")
  set(simt_architecture ${CMAKE_MATCH_2})
endif()

# With lines, so that each instruction tells where it is from. Takes nvcc a tenth of what it needs for machine code.
file(GLOB simt_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/kernels/launch/*.cu)
set(simt_ptx)
foreach(source ${simt_sources})
  cmake_path(GET source STEM stem)
  set(ptx ${CMAKE_CURRENT_BINARY_DIR}/simt/${stem}.ptx)
  add_custom_command(OUTPUT ${ptx}
    COMMAND ${OCT_NVCC} ${OCT_CUDA_FLAGS} -O3 -DNDEBUG -arch=compute_${simt_architecture} -lineinfo
      -I${CMAKE_SOURCE_DIR}/kernels -ptx -MD -MF ${ptx}.d -MT ${ptx} ${source} -o ${ptx}
    DEPENDS ${source} DEPFILE ${ptx}.d VERBATIM COMMENT "Compiling ${stem}.cu to PTX")
  list(APPEND simt_ptx ${ptx})
endforeach()
file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/simt)
add_custom_target(octane_simt_ptx DEPENDS ${simt_ptx})
string(REPLACE ";" ":" simt_ptx_list "${simt_ptx}")

add_library(octane_simt_machine STATIC
  ${here}/decode_atomic.cpp ${here}/decode_bits.cpp ${here}/decode_compare.cpp ${here}/decode_convert.cpp
  ${here}/decode_float.cpp ${here}/decode_flow.cpp ${here}/decode_integer.cpp ${here}/decode_memory.cpp
  ${here}/decode_move.cpp ${here}/decode_warp.cpp ${here}/decode_wide.cpp ${here}/fat_binary.cpp ${here}/flow_graph.cpp
  ${here}/function_decoder.cpp ${here}/gpu_code.cpp ${here}/lint.cpp ${here}/machine.cpp ${here}/measured_scene.cpp
  ${here}/memory_access.cpp ${here}/meter.cpp ${here}/opcode.cpp ${here}/program.cpp ${here}/ptx_declaration.cpp
  ${here}/ptx_number.cpp ${here}/ptx_scanner.cpp ${here}/ptx_text.cpp ${here}/ptx_type.cpp ${here}/queue_film.cpp
  ${here}/sass_cost.cpp ${here}/warp.cpp)
target_include_directories(octane_simt_machine PUBLIC ${CMAKE_CURRENT_SOURCE_DIR}
  $<TARGET_PROPERTY:octane_core,INTERFACE_INCLUDE_DIRECTORIES>)
target_compile_definitions(octane_simt_machine INTERFACE OCT_SIMT_PTX="${simt_ptx_list}")
target_link_libraries(octane_simt_machine PUBLIC octane_flags octane_packages)

oct_test(RENDERER arithmetic_test.cpp film_test.cpp lint_test.cpp machine_test.cpp meter_test.cpp ptx_maker.cpp
  shipped_test.cpp)
target_link_libraries(octane_test_simt PRIVATE octane_simt_machine)
add_dependencies(octane_test_simt octane_simt_ptx)
set(simt_objects)
if(TARGET octane_kernels_cuda)
  set(simt_objects $<TARGET_OBJECTS:octane_kernels_cuda>)
endif()
target_compile_definitions(octane_test_simt PRIVATE OCT_SIMT_OBJECTS="$<JOIN:${simt_objects},:>")

# The meter: what a sample costs.
add_executable(octane_simt ${here}/file_scene.cpp ${here}/simt_main.cpp ${CMAKE_CURRENT_SOURCE_DIR}/support/test_scenes.cpp)
target_link_libraries(octane_simt PRIVATE octane_simt_machine octane_test_renderer)
add_dependencies(octane_simt octane_simt_ptx)

# What kernels cost, against what is written down.
if(Python3_Interpreter_FOUND)
  add_test(NAME simt_budgets_self COMMAND Python3::Interpreter ${here}/check_budgets.py --self-test)
  add_test(NAME simt_budgets COMMAND Python3::Interpreter ${here}/check_budgets.py --meter $<TARGET_FILE:octane_simt>
    --ptx ${simt_ptx} --object ${simt_objects} COMMAND_EXPAND_LISTS)
endif()
