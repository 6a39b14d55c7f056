# What shortens compiling, most of what the tests cost. None of it changes what a program does: the kernels, and all that
# computes bits of the film, keep the flags of the build type.
include_guard()

# Headers that nearly every file reads, parsed once. Files do not rely on it: the debug preset builds without.
set(OCT_COMMON_HEADERS <algorithm> <array> <chrono> <cstdint> <cstring> <functional> <map> <memory> <mutex> <optional> <span>
  <string> <string_view> <utility> <variant> <vector> <fmt/format.h>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # else it holds the time at which CMake wrote its list of headers, and ccache finds nothing in a new build folder
  target_compile_options(octane_flags INTERFACE "SHELL:-Xclang -fno-pch-timestamp")
endif()
foreach(library octane_renderer octane_core)
  target_precompile_headers(${library} PRIVATE ${OCT_COMMON_HEADERS})
endforeach()
set_source_files_properties(libs/scene/exr_piz.cpp libs/scene/import_image.cpp
  TARGET_DIRECTORY octane_renderer PROPERTIES SKIP_PRECOMPILE_HEADERS ON)  # they have flags of their own

# octane_optimise_less(target level): for release builds of what is not busy.
function(octane_optimise_less target level)
  if(NOT MSVC)
    target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:${level}>)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # below -O3 g++ 12 sees long strings that are moved in the place of short ones, and fmt's fill characters out of theirs
    target_compile_options(${target} PRIVATE
      "$<$<CONFIG:Release>:-Wno-array-bounds;-Wno-stringop-overflow;-Wno-stringop-overread>")
  endif()
endfunction()

if(OCT_SANITIZE)
  # Coroutines cost most in such a build, and none of them is busy: unoptimised they compile in half the time.
  target_compile_options(octane_core PRIVATE -O0)
else()
  octane_optimise_less(octane_core -O2)  # waits for others: a fifth of its compile time
endif()
