oct_test(address_test.cpp admission_test.cpp control_behind_bulk_test.cpp link_watch_test.cpp send_queue_test.cpp)
oct_test_groups(windows borders threads)
