# The release folder: `cmake --install build/release --prefix FOLDER`, or `cpack` for an archive of it. Everything lies
# in one folder without subfolders for programs, to be copied whole to other computers.
include_guard()

install(TARGETS octane_master octane_slave octane_daemon RUNTIME DESTINATION .)
install(PROGRAMS
  scripts/install_daemon.sh scripts/uninstall_daemon.sh scripts/open_firewall.sh
  scripts/_install_daemon.bat scripts/_uninstall_daemon.bat scripts/_open_firewall.bat DESTINATION .)
install(FILES LICENSE README.md DESTINATION .)
install(DIRECTORY docs/ DESTINATION docs FILES_MATCHING PATTERN "*.md" PATTERN "*.png"
  PATTERN "terrazzo.png" EXCLUDE)

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

# octane-1.0.0-linux-x86_64.tar.gz, octane-1.0.0-windows-x86_64.zip
string(TOLOWER ${CMAKE_SYSTEM_NAME} system)
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
