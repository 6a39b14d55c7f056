# cmake -DROOT=<source folder> -DOUTPUT=<header> -P kernel_hash.cmake
# Writes the hash of what two parties must share to give the same bits and understand each other. It depends on the
# contents and names of the files and on the rules below: not on compiler, system, line ends or build folder.

# The floating-point rules that every compiler's flags must keep. Change this line when a rule changes.
set(rules "fp-contract=off ftz=false daz=false prec-div=true prec-sqrt=true round=nearest little-endian")

file(GLOB_RECURSE files RELATIVE ${ROOT}
  ${ROOT}/kernels/*.hpp ${ROOT}/kernels/*.cpp ${ROOT}/kernels/*.cuh ${ROOT}/kernels/*.cu
  ${ROOT}/libs/wire/*.hpp ${ROOT}/libs/wire/*.cpp ${ROOT}/libs/film/contribution_codec.*)
list(SORT files COMPARE STRING CASE SENSITIVE)

set(listing "octane kernel hash 1\n${rules}\n")
foreach(name IN LISTS files)
  # As hexadecimal digits, since CMake's own reading of text drops bytes; pairs are kept apart so that "0d0a" is found
  # at byte borders alone.
  file(READ ${ROOT}/${name} content HEX)
  string(REGEX REPLACE "(..)" "\\1 " content "${content}")
  string(REPLACE "0d 0a " "0a " content "${content}")
  string(SHA256 digest "${content}")
  string(APPEND listing "${name} ${digest}\n")
endforeach()
string(SHA256 kernel_hash "${listing}")

set(text "#pragma once\ninline constexpr char kKernelHashDigits[] = \"${kernel_hash}\";\n")
set(former "")
if(EXISTS ${OUTPUT})
  file(READ ${OUTPUT} former)
endif()
if(text STREQUAL former)
  file(TOUCH ${OUTPUT})
else()
  file(WRITE ${OUTPUT} "${text}")
endif()
