# The release folder: `cmake --install build/release --prefix FOLDER`, or `cpack` for an archive of it. Everything lies
# in one folder without subfolders for programs, to be copied whole to other computers.
include_guard()

install(TARGETS octane_master octane_slave octane_daemon RUNTIME DESTINATION .)
install(PROGRAMS
  scripts/install_daemon.sh scripts/uninstall_daemon.sh scripts/open_firewall.sh
  scripts/_install_daemon.bat scripts/_uninstall_daemon.bat scripts/_open_firewall.bat DESTINATION .)
# The pages of those who use the programs, and those that they link to. The others are about the code.
set(pages batch command_line compiled_scene exit_codes film_file materials operations scenes security decisions/0017-farm-key-and-tls decisions/0020-canary-and-audit
  decisions/0021-film-file-and-pass-ends decisions/0044-when-a-tile-is-done)
foreach(page ${pages})
  cmake_path(GET page PARENT_PATH subfolder)
  install(FILES docs/${page}.md DESTINATION docs/${subfolder})
endforeach()
install(FILES LICENSE DESTINATION .)
install(FILES docs/changelog.md DESTINATION . RENAME CHANGELOG.md)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS docs/release_folder.md)
file(READ docs/release_folder.md readme)
string(REPLACE "](" "](docs/" readme "${readme}")  # the page lies beside the others, its copy above them
string(REPLACE "@VERSION@" "${PROJECT_VERSION}" readme "${readme}")
file(WRITE ${CMAKE_BINARY_DIR}/release/README.md "${readme}")
install(FILES ${CMAKE_BINARY_DIR}/release/README.md DESTINATION .)

# The demo scene as one file.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_Interpreter_FOUND)
  set(demo ${CMAKE_CURRENT_SOURCE_DIR}/docs/demo)
  add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/demo.glb
    COMMAND Python3::Interpreter ${demo}/pack_demo.py ${demo}/demo.gltf ${CMAKE_BINARY_DIR}/demo.glb
    DEPENDS ${demo}/pack_demo.py ${demo}/demo.gltf ${demo}/demo.bin ${demo}/terrazzo.png
    COMMENT "Packing demo.glb" VERBATIM)
  add_custom_target(octane_demo ALL DEPENDS ${CMAKE_BINARY_DIR}/demo.glb)
  install(FILES ${CMAKE_BINARY_DIR}/demo.glb DESTINATION .)
else()
  message(WARNING "no Python: demo.glb is left out of the release folder")
endif()

# The licences of what is linked into the programs.
string(TOLOWER ${CMAKE_SYSTEM_NAME} system)
set(notices "\"${CMAKE_CURRENT_SOURCE_DIR}/scripts/collect_notices.py\" --system ${system}")
if(OCT_LIBRARIES_BUILT)
  string(APPEND notices " --libraries \"${OCT_LIBRARIES}\"")
endif()
if(OCT_FORMATS_BUILT)
  string(APPEND notices " --libraries \"${OCT_FORMATS}\"")
endif()
if(OCT_HAVE_CUDA)
  string(APPEND notices " --cuda \"${CUDAToolkit_LIBRARY_ROOT}\"")
endif()
if(Python3_Interpreter_FOUND AND EXISTS /usr/share/doc/libfmt-dev/copyright)
  install(CODE "execute_process(COMMAND \"${Python3_EXECUTABLE}\" ${notices}
    --output \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/THIRD_PARTY_NOTICES.txt\" COMMAND_ERROR_IS_FATAL ANY)")
else()
  message(WARNING "not Debian's packages: THIRD_PARTY_NOTICES.txt is left out of the release folder")
endif()

# Last: it covers all files of the folder, as they were stripped and installed.
install(CODE "set(folder \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}\")")
install(SCRIPT scripts/cmake/checksums.cmake)

# octane-1.0.0-linux-x86_64.tar.gz, octane-1.0.0-windows-x86_64.zip
string(TOLOWER ${CMAKE_SYSTEM_PROCESSOR} processor)
if(processor STREQUAL "amd64")
  set(processor x86_64)
endif()
set(CPACK_PACKAGE_FILE_NAME ${PROJECT_NAME}-${PROJECT_VERSION}-${system}-${processor})
set(CPACK_PACKAGE_NAME ${PROJECT_NAME})
set(CPACK_PACKAGE_VENDOR "the Octane network renderer's authors")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Path tracer that lends itself the GPUs and CPUs of other computers")
set(CPACK_RESOURCE_FILE_LICENSE ${CMAKE_CURRENT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
if(WIN32)
  set(CPACK_GENERATOR ZIP)
else()
  set(CPACK_GENERATOR TGZ)
endif()
set(CPACK_VERBATIM_VARIABLES ON)
include(CPack)
