# The GPU device of the product on this computer's CPU: a stand-in for CUDA's runtime library, whose kernels are run by
# tests/simt (README.md). Wants nvcc, but no GPU.
if(NOT TARGET octane_simt_machine OR NOT OCT_HAVE_CUDA)
  return()
endif()
set(here ${CMAKE_CURRENT_LIST_DIR})
add_library(octane_simt_runtime OBJECT ${here}/computer.cpp ${here}/cuda_runtime.cpp ${here}/device_code.cpp
  ${here}/runtime_plan.cpp)
target_link_libraries(octane_simt_runtime PUBLIC octane_simt_machine)

oct_test(RENDERER cuda_device_test.cpp runtime_test.cpp)
# What it defines is not taken from CUDA's own library, which is linked behind it.
target_sources(octane_test_simt_runtime PRIVATE $<TARGET_OBJECTS:octane_simt_runtime>)
target_link_libraries(octane_test_simt_runtime PRIVATE octane_simt_machine)

# The programs, with GPUs that OCTANE_SIMT_RUNTIME describes.
foreach(program octane_master octane_slave)
  add_executable(${program}_simt $<TARGET_OBJECTS:${program}> $<TARGET_OBJECTS:octane_simt_runtime>)
  target_link_libraries(${program}_simt PRIVATE octane_device_options octane_simt_machine)
  set_target_properties(${program}_simt PROPERTIES OUTPUT_NAME ${program} LINKER_LANGUAGE CXX
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/simt_bin)
endforeach()
find_package(Python3 COMPONENTS Interpreter)
if(Python3_Interpreter_FOUND)
  foreach(group Master Slave)
    string(TOLOWER ${group} name)
    add_test(NAME simt_runtime_${name} COMMAND Python3::Interpreter ${here}/gpu_faults_test.py
      --master $<TARGET_FILE:octane_master_simt> --slave $<TARGET_FILE:octane_slave_simt> ${group})
    set_tests_properties(simt_runtime_${name} PROPERTIES TIMEOUT 900)
  endforeach()
endif()
