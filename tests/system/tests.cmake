# The real executables: exit codes, what they print, the written pictures. Each group of tests is one CTest test.
find_package(Python3 COMPONENTS Interpreter)
if(NOT Python3_Interpreter_FOUND OR WIN32)
  message(STATUS "the system tests want Python and POSIX signals: left out")
  return()
endif()
add_executable(octane_odd_slave ${CMAKE_CURRENT_LIST_DIR}/odd_slave.cpp)
target_link_libraries(octane_odd_slave PRIVATE octane_test_network octane::core)
foreach(group CommandLine LocalRender Network Activation TwoComputers Refusals Failures Stopping)
  string(TOLOWER ${group} name)
  add_test(NAME system_${name}
    COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/system_test.py --master $<TARGET_FILE:octane_master>
      --slave $<TARGET_FILE:octane_slave> --daemon $<TARGET_FILE:octane_daemon> --odd-slave $<TARGET_FILE:octane_odd_slave> ${group})
  set_tests_properties(system_${name} PROPERTIES TIMEOUT 400 RUN_SERIAL ON)
endforeach()
foreach(group Finding Occupying Accidents Console Supervised)
  string(TOLOWER ${group} name)
  add_test(NAME system_daemon_${name}
    COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/daemon_test.py --master $<TARGET_FILE:octane_master>
      --slave $<TARGET_FILE:octane_slave> --daemon $<TARGET_FILE:octane_daemon> ${group})
  set_tests_properties(system_daemon_${name} PROPERTIES TIMEOUT 400)
endforeach()
foreach(group Threads Awake Lending)
  string(TOLOWER ${group} name)
  add_test(NAME system_computer_${name}
    COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/computer_test.py --master $<TARGET_FILE:octane_master>
      --slave $<TARGET_FILE:octane_slave> --daemon $<TARGET_FILE:octane_daemon> ${group})
  set_tests_properties(system_computer_${name} PROPERTIES TIMEOUT 400)
endforeach()
# Several computers: network namespaces on a bridge. Without root they say so and are left out. They mostly wait.
foreach(group Discovery Occupancy DoctorFinds RealDaemons CopiedDisks ChangingNetworks)
  string(TOLOWER ${group} name)
  add_test(NAME system_farm_${name}
    COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/farm_test.py --master $<TARGET_FILE:octane_master>
      --slave $<TARGET_FILE:octane_slave> --daemon $<TARGET_FILE:octane_daemon> ${group})
  set_tests_properties(system_farm_${name} PROPERTIES TIMEOUT 600)
endforeach()
add_test(NAME system_largefarm
  COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/large_farm_test.py --master $<TARGET_FILE:octane_master>
    --slave $<TARGET_FILE:octane_slave> --daemon $<TARGET_FILE:octane_daemon>)
set_tests_properties(system_largefarm PROPERTIES TIMEOUT 600 RUN_SERIAL ON)
# As engines such as Slurm start them.
foreach(group AddressFile Farm)
  string(TOLOWER ${group} name)
  add_test(NAME system_engines_${name}
    COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/engines_test.py --master $<TARGET_FILE:octane_master>
      --slave $<TARGET_FILE:octane_slave> --daemon $<TARGET_FILE:octane_daemon> ${group})
  set_tests_properties(system_engines_${name} PROPERTIES TIMEOUT 400)
endforeach()
# Full disks, limits, pipes and links where files should be.
foreach(group LostOutput Limits OddNames Files)
  string(TOLOWER ${group} name)
  add_test(NAME system_edges_${name}
    COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/edges_test.py --master $<TARGET_FILE:octane_master>
      --slave $<TARGET_FILE:octane_slave> --daemon $<TARGET_FILE:octane_daemon> ${group})
  set_tests_properties(system_edges_${name} PROPERTIES TIMEOUT 400)
endforeach()
# What people see while they wait.
foreach(group Bar Silence Sizes)
  string(TOLOWER ${group} name)
  add_test(NAME system_watching_${name}
    COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/watching_test.py --master $<TARGET_FILE:octane_master>
      --slave $<TARGET_FILE:octane_slave> ${group})
  set_tests_properties(system_watching_${name} PROPERTIES TIMEOUT 600)
endforeach()
# Whatever ends a render, its film is kept and can be gone on with.
set(nothing_lost Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/nothing_lost_test.py --master $<TARGET_FILE:octane_master>
  --slave $<TARGET_FILE:octane_slave>)
foreach(group Resume Endings Outputs Slaves Kills)
  string(TOLOWER ${group} name)
  add_test(NAME system_nothinglost_${name} COMMAND ${nothing_lost} ${group})
  set_tests_properties(system_nothinglost_${name} PROPERTIES TIMEOUT 400 RUN_SERIAL ON)
endforeach()
add_test(NAME system_nothinglost_slow CONFIGURATIONS slow COMMAND ${nothing_lost} --kills 50 Kills)
set_tests_properties(system_nothinglost_slow PROPERTIES TIMEOUT 3600)
# Frames and jobs.
foreach(group Names Resume Failing Together Batch)
  string(TOLOWER ${group} name)
  add_test(NAME system_frames_${name} COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/frames_test.py
    --master $<TARGET_FILE:octane_master> --slave $<TARGET_FILE:octane_slave> ${group})
  set_tests_properties(system_frames_${name} PROPERTIES TIMEOUT 400)
endforeach()
# Noise thresholds and time limits.
foreach(group Noise Time)
  string(TOLOWER ${group} name)
  add_test(NAME system_stoprules_${name} COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/stop_rules_test.py
    --master $<TARGET_FILE:octane_master> --slave $<TARGET_FILE:octane_slave> ${group})
  set_tests_properties(system_stoprules_${name} PROPERTIES TIMEOUT 400)
endforeach()
# Who falls silent, ends or dies while it renders: each cell of the matrix once, and twenty times.
foreach(group KillMaster KillDaemon KillSlave)
  string(TOLOWER ${group} name)
  set(kill_test Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/kill_test.py --master $<TARGET_FILE:octane_master>
    --slave $<TARGET_FILE:octane_slave> --daemon $<TARGET_FILE:octane_daemon>)
  add_test(NAME system_${name} COMMAND ${kill_test} ${group})
  set_tests_properties(system_${name} PROPERTIES TIMEOUT 600)
  add_test(NAME system_${name}_slow CONFIGURATIONS slow COMMAND ${kill_test} --rounds 20 ${group})
  set_tests_properties(system_${name}_slow PROPERTIES TIMEOUT 7200)
endforeach()
# Mutated scenes and hostile peers, for builds with sanitizers most of all (label `borders`); docs/security.md has longer runs.
set(programs --master $<TARGET_FILE:octane_master> --slave $<TARGET_FILE:octane_slave>)
add_test(NAME system_hostile_scenes
  COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/hostile_scenes.py ${programs} --count 60 --seed 7)
foreach(part master slave daemon fake_daemon)
  add_test(NAME system_hostile_peers_${part}
    COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/hostile_peers.py ${programs} --daemon $<TARGET_FILE:octane_daemon>
      --samples 50 --daemon-attacks 15 ${part})
  set_tests_properties(system_hostile_peers_${part} PROPERTIES TIMEOUT 600 LABELS borders)
endforeach()
set_tests_properties(system_hostile_scenes PROPERTIES TIMEOUT 600 LABELS borders)
