# Installers and release folder. Each group of tests is one CTest test; a build for Windows runs the .bat files under Wine.
find_package(Python3 COMPONENTS Interpreter)
if(NOT Python3_Interpreter_FOUND)
  message(STATUS "the tests of the installers want Python: left out")
  return()
endif()

add_executable(octane_stand_in ${CMAKE_CURRENT_LIST_DIR}/stand_in.cpp)
target_link_libraries(octane_stand_in PRIVATE octane_flags)
set(here ${CMAKE_CURRENT_LIST_DIR})
set(OCT_LINUX_PROGRAMS ${CMAKE_SOURCE_DIR}/build/release/bin CACHE PATH
  "Folder of Linux programs that Windows programs are tested with")
if(WIN32 AND NOT CMAKE_CROSSCOMPILING_EMULATOR)
  message(STATUS "no Wine: the tests of the Windows installers are left out")
elseif(WIN32)
  foreach(group Questions Unattended Refusals Firewall)
    string(TOLOWER ${group} name)
    add_test(NAME system_install_${name}
      COMMAND Python3::Interpreter ${here}/windows_test.py --stand-in $<TARGET_FILE:octane_stand_in> ${group})
    set_tests_properties(system_install_${name} PROPERTIES TIMEOUT 600 LABELS windows)
  endforeach()
  # A login ends everything that runs in the prefix.
  foreach(group Login Killed)
    string(TOLOWER ${group} name)
    add_test(NAME system_install_${name}
      COMMAND Python3::Interpreter ${here}/windows_login_test.py --stand-in $<TARGET_FILE:octane_stand_in>
        --programs $<TARGET_FILE_DIR:octane_daemon> --linux-programs ${OCT_LINUX_PROGRAMS} ${group})
    set_tests_properties(system_install_${name} PROPERTIES TIMEOUT 600 RUN_SERIAL ON LABELS windows)
  endforeach()
else()
  foreach(group Questions Unattended Refusals Units Firewall RealDaemon)
    string(TOLOWER ${group} name)
    add_test(NAME system_install_${name}
      COMMAND Python3::Interpreter ${here}/linux_test.py --stand-in $<TARGET_FILE:octane_stand_in>
        --programs $<TARGET_FILE_DIR:octane_daemon> ${group})
    set_tests_properties(system_install_${name} PROPERTIES TIMEOUT 300)
  endforeach()
endif()

if(OCT_STATIC OR WIN32)
  add_test(NAME system_release
    COMMAND Python3::Interpreter ${here}/release_test.py --build ${CMAKE_BINARY_DIR} --system ${CMAKE_SYSTEM_NAME}
      --objdump ${CMAKE_OBJDUMP})
  set_tests_properties(system_release PROPERTIES TIMEOUT 400)
  if(WIN32)
    set_tests_properties(system_release PROPERTIES LABELS windows)
  else()
    add_test(NAME system_install_systemd CONFIGURATIONS slow
      COMMAND Python3::Interpreter ${here}/systemd_test.py --build ${CMAKE_BINARY_DIR} --master $<TARGET_FILE:octane_master>
        --slave $<TARGET_FILE:octane_slave> --daemon $<TARGET_FILE:octane_daemon>)
    set_tests_properties(system_install_systemd PROPERTIES TIMEOUT 600 RUN_SERIAL ON)
  endif()
endif()
