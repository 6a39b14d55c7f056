oct_test(daily_hours_test.cpp daemon_core_limits_test.cpp daemon_core_test.cpp daemon_id_test.cpp lending_test.cpp occupancy_test.cpp
  probe_answers_test.cpp slave_arguments_test.cpp slave_probe_test.cpp slave_supervisor_test.cpp warm_slave_test.cpp)
oct_test_groups(borders)
