# octane_common_flags: what every file of the project is compiled with, whatever the compiler. Determinism first
# (docs/determinism.md).
# octane_flags: these, and what the project's own compiler (CMAKE_CXX_COMPILER) wants besides.
include_guard()
find_package(Threads REQUIRED)

add_library(octane_common_flags INTERFACE)
add_library(octane_flags INTERFACE)
target_link_libraries(octane_flags INTERFACE octane_common_flags Threads::Threads)

target_compile_options(octane_common_flags INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-ffp-contract=off -fno-math-errno -fno-trapping-math>
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 warns of the inactive member of every std::variant that it inlines
  target_compile_options(octane_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-maybe-uninitialized>)
endif()
if(OCT_WERROR)
  target_compile_options(octane_common_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Werror>)
endif()

if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # clang 14 on libstdc++ 12 has coroutines but does not say so
  target_compile_definitions(octane_flags INTERFACE __cpp_impl_coroutine=201902L ASIO_HAS_CO_AWAIT=1)
  target_compile_options(octane_flags INTERFACE -Wno-builtin-macro-redefined)
endif()

if(WIN32)
  target_compile_definitions(octane_flags INTERFACE _WIN32_WINNT=0x0A00 NOMINMAX WIN32_LEAN_AND_MEAN)
  target_link_libraries(octane_flags INTERFACE ws2_32 mswsock iphlpapi bcrypt wtsapi32)
  if(MINGW)
    target_link_options(octane_flags INTERFACE -static)
    target_compile_options(octane_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wa,-mbig-obj>)
  endif()
endif()

if(OCT_FUZZ)
  target_compile_options(octane_common_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fsanitize=fuzzer-no-link>)
endif()
if(OCT_SANITIZE)
  target_compile_options(octane_common_flags INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${OCT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all>)
  target_compile_definitions(octane_common_flags INTERFACE _GLIBCXX_ASSERTIONS)  # operator[] of vector, span and string too
  target_link_options(octane_flags INTERFACE -fsanitize=${OCT_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # With a sanitizer g++ 12 inlines how Asio allocates the frame of a coroutine (aligned_alloc), but not how it frees it
    # (free), and takes the two for strangers. And Asio's fences, which the thread sanitizer does not see, stand beside
    # locks, which it does.
    target_compile_options(octane_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-mismatched-new-delete -Wno-tsan>)
  elseif(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND OCT_SANITIZE MATCHES "undefined")
    # clang 14 puts this check's data into the middle of coroutines, which its assembler then refuses; behind -fsanitize
    target_compile_options(octane_common_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fno-sanitize=function>)
  endif()
endif()
