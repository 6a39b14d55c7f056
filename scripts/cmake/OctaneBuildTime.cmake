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
set_source_files_properties(libs/scene/gltf_model.cpp
  TARGET_DIRECTORY octane_renderer PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)  # the code of others is in it

# Below -O3, and in large files, g++ 12 sees long strings that are moved in the place of short ones, and fmt's fill characters
# out of theirs.
set(OCT_FALSE_WARNINGS -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)

# octane_optimise_less(target level): for release builds of what is not busy.
function(octane_optimise_less target level)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:${level}>)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE "$<$<CONFIG:Release>:${OCT_FALSE_WARNINGS}>")
  endif()
endfunction()

# octane_unite(target): with OCT_UNITE, the sources of a folder are one translation unit, so that what they share is parsed and
# instantiated once. Names that a file keeps to itself (anonymous namespace) are therefore unique in their folder. Files
# with flags of their own stay apart, and those that see the macros of Windows (near, far, min, ERROR). The debug preset
# builds without.
function(octane_unite target)
  if(NOT OCT_UNITE)
    return()
  endif()
  get_target_property(sources ${target} SOURCES)
  get_target_property(base ${target} SOURCE_DIR)
  foreach(source ${sources})
    if(source MATCHES "\\.cpp$")
      cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY ${base})
      if(WIN32 AND EXISTS ${source})
        file(STRINGS ${source} macros REGEX "^ *#include <windows\\.h>")
        if(macros)
          continue()
        endif()
      endif()
      cmake_path(GET source PARENT_PATH folder)
      cmake_path(GET folder FILENAME group)
      set_source_files_properties(${source} TARGET_DIRECTORY ${target} PROPERTIES UNITY_GROUP ${group})
    endif()
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ takes anonymous namespaces of an included .cpp for those of a header
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage ${OCT_FALSE_WARNINGS})
  endif()
endfunction()
octane_unite(octane_renderer)
octane_unite(octane_core)

octane_optimise_less(octane_core -O2)  # waits for others: a fifth of its compile time
