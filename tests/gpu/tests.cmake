# The parts of tests/gpu that need no GPU. The rest is a project of its own (CMakeLists.txt beside this file).
if(NOT MINGW)
  oct_test(RENDERER bench/carried.cpp bench/carried_test.cpp bench/figures.cpp bench/figures_test.cpp bench/kernel_totals.cpp
    bench/kernel_totals_test.cpp)
endif()
find_package(Python3 COMPONENTS Interpreter)
if(Python3_Interpreter_FOUND AND NOT CMAKE_CROSSCOMPILING)
  add_test(NAME gpu_beside_meter COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/beside_meter.py --self-test)
endif()

# That it builds where there is nvcc: minutes.
find_program(OCT_NVCC nvcc PATHS /usr/local/cuda/bin)
if(OCT_NVCC AND NOT CMAKE_CROSSCOMPILING AND NOT OCT_SANITIZE)
  add_test(NAME gpu_check_builds CONFIGURATIONS slow COMMAND ${CMAKE_SOURCE_DIR}/scripts/gpu_check.sh --build-only
    --architecture 90 --build ${CMAKE_CURRENT_BINARY_DIR}/gpu_check)
  set_tests_properties(gpu_check_builds PROPERTIES TIMEOUT 1800 RUN_SERIAL ON)
endif()
