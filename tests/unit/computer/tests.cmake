oct_test(input_watch_test.cpp stay_awake_test.cpp)
oct_test_groups(windows)
