oct_test(address_file_test.cpp address_test.cpp admission_test.cpp control_behind_bulk_test.cpp connection_watchdog_test.cpp own_address_test.cpp route_test.cpp send_queue_test.cpp
  stranger_tally_test.cpp)
oct_test_groups(windows borders threads)
