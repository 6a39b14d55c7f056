# octane_formats: the libraries of picture and geometry formats (libs/codec), and of names in Unicode. Included by OctanePackages.
#
# Programs for Windows, and static ones for Linux, take what scripts/build_libraries.sh has built, since the distribution has
# none of it for mingw, and neither OpenEXR nor meshoptimizer as a static library. Others take the distribution's shared libraries.
include_guard()
set(OCT_FORMATS ${default}/${target}-formats CACHE PATH
  "Where scripts/build_libraries.sh put the libraries of file formats for this target")
set(OCT_FORMATS_BUILT OFF)
if(EXISTS ${OCT_FORMATS}/versions.txt)
  set(OCT_FORMATS_BUILT ON)
endif()

add_library(octane_formats INTERFACE)

# octane_built_formats(NAME...): libraries of that folder, in the order of linking.
function(octane_built_formats)
  target_include_directories(octane_formats SYSTEM INTERFACE
    ${OCT_FORMATS}/include ${OCT_FORMATS}/include/OpenEXR ${OCT_FORMATS}/include/Imath)
  foreach(name ${ARGN})
    target_link_libraries(octane_formats INTERFACE ${OCT_FORMATS}/lib/lib${name}.a)
  endforeach()
endfunction()

set(built OpenEXR IlmThread Iex Imath tiff meshoptimizer)
if(MINGW)
  if(NOT OCT_FORMATS_BUILT)
    message(FATAL_ERROR "${OCT_FORMATS} does not hold the libraries of picture and geometry formats; "
      "scripts/build_libraries.sh windows formats builds them")
  endif()
  octane_built_formats(${built} jpeg png webp draco utf8proc)
  target_compile_definitions(octane_formats INTERFACE UTF8PROC_STATIC)
  target_link_libraries(octane_formats INTERFACE ZLIB::ZLIB)
elseif(OCT_STATIC AND OCT_FORMATS_BUILT)
  octane_built_formats(${built})
  foreach(name jpeg png webp draco)
    find_library(OCT_STATIC_${name} lib${name}.a REQUIRED)
    target_link_libraries(octane_formats INTERFACE ${OCT_STATIC_${name}})
  endforeach()
  target_link_libraries(octane_formats INTERFACE ZLIB::ZLIB)
  message(STATUS "Picture and geometry formats: static, of ${OCT_FORMATS}")
else()
  if(OCT_STATIC)
    message(STATUS "Picture and geometry formats: shared libraries, so that the programs run on this computer alone; "
      "scripts/build_libraries.sh linux formats builds static ones")
  endif()
  find_path(OCT_OPENEXR_INCLUDE ImfIO.h PATH_SUFFIXES OpenEXR REQUIRED)
  find_path(OCT_IMATH_INCLUDE ImathBox.h PATH_SUFFIXES Imath REQUIRED)
  target_include_directories(octane_formats SYSTEM INTERFACE ${OCT_OPENEXR_INCLUDE} ${OCT_IMATH_INCLUDE})
  foreach(name OpenEXR Iex Imath tiff jpeg png webp draco meshoptimizer)
    find_library(OCT_SHARED_${name} ${name} REQUIRED)
    target_link_libraries(octane_formats INTERFACE ${OCT_SHARED_${name}})
  endforeach()
endif()

# libwebp's headers do not tell its version.
set(OCT_WEBP_VERSION unknown)
if(MINGW)
  file(STRINGS ${OCT_FORMATS}/versions.txt webp REGEX "^libwebp_")
  string(REGEX REPLACE "^libwebp_([0-9.]+).*" "\\1" OCT_WEBP_VERSION "${webp}")
else()
  find_package(PkgConfig QUIET)
  if(PKG_CONFIG_FOUND)
    pkg_check_modules(WEBP QUIET libwebp)
    if(WEBP_VERSION)
      set(OCT_WEBP_VERSION ${WEBP_VERSION})
    endif()
  endif()
endif()
