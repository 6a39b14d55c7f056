# cmake -DROOT=<source folder> -DOUTPUT=<header> -P commit.cmake
# Writes the commit that is being built, for --version --json: "unknown" outside a repository, "-changed" behind it where
# files that git knows differ from it. The header is touched only when it changes.
set(commit "unknown")
find_program(git git)
if(git)
  execute_process(COMMAND ${git} -C ${ROOT} rev-parse --show-toplevel OUTPUT_VARIABLE top OUTPUT_STRIP_TRAILING_WHITESPACE
    ERROR_QUIET)
  file(REAL_PATH ${ROOT} root)
  if(top STREQUAL root)  # not a repository that the unpacked sources happen to lie in
    execute_process(COMMAND ${git} -C ${ROOT} rev-parse HEAD OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE)
    execute_process(COMMAND ${git} -C ${ROOT} diff-index --quiet HEAD -- RESULT_VARIABLE changed OUTPUT_QUIET ERROR_QUIET)
    if(changed)
      string(APPEND commit "-changed")
    endif()
  endif()
endif()
set(text "#pragma once\ninline constexpr char kCommit[] = \"${commit}\";\n")
set(former "")
if(EXISTS ${OUTPUT})
  file(READ ${OUTPUT} former)
endif()
if(NOT text STREQUAL former)
  file(WRITE ${OUTPUT} "${text}")
endif()
