# OCT_STATIC: programs that want nothing of a computer but its C library, so that a release folder can be copied there
# and run. Called by OctanePackages, before it looks for libraries.
include_guard()

if(NOT OCT_STATIC OR WIN32)
  return()
endif()
if(OCT_SANITIZE)
  message(FATAL_ERROR "OCT_STATIC=ON and OCT_SANITIZE do not go together: the sanitizers want a shared C++ library")
endif()
set(OPENSSL_USE_STATIC_LIBS ON)
set(ZLIB_USE_STATIC_LIBS ON)
set(OCT_LZ4_NAMES liblz4.a)
set(OCT_UTF8PROC_NAMES libutf8proc.a)
target_link_options(octane_flags INTERFACE -static-libstdc++ -static-libgcc)
