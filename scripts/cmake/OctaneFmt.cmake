# octane_make_fmt(FOLDER...): makes the target octane_fmt of the headers in one of the folders. Debian has no static libfmt,
# and none for Windows, but its headers hold the source: up to version 9 it is compiled once here, else wherever it is used
# (which doubles what a file costs to compile).
include_guard()

function(octane_make_fmt)
  find_path(OCT_FMT_INCLUDE fmt/core.h PATHS ${ARGN} NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH REQUIRED)
  file(STRINGS ${OCT_FMT_INCLUDE}/fmt/core.h version REGEX "#define FMT_VERSION [0-9]+")
  string(REGEX MATCH "[0-9]+" version "${version}")
  if(version LESS 100000)
    add_library(octane_fmt STATIC ${CMAKE_SOURCE_DIR}/scripts/cmake/fmt_library.cpp)
    target_include_directories(octane_fmt SYSTEM PUBLIC ${OCT_FMT_INCLUDE})
  else()
    add_library(octane_fmt INTERFACE)
    target_include_directories(octane_fmt SYSTEM INTERFACE ${OCT_FMT_INCLUDE})
    target_compile_definitions(octane_fmt INTERFACE FMT_HEADER_ONLY)
  endif()
endfunction()
