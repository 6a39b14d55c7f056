oct_test(daemon_directory_test.cpp daemons_text_test.cpp imported_addresses_test.cpp known_daemons_test.cpp doctor_verdict_test.cpp scan_schedule_test.cpp
  scan_targets_test.cpp wanted_daemons_test.cpp)
oct_test_groups(windows borders)
