oct_test(daemon_id_test.cpp occupancy_test.cpp probe_answers_test.cpp slave_arguments_test.cpp slave_probe_test.cpp slave_watch_test.cpp)
oct_test_groups(borders)
