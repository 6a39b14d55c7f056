oct_test(preferences_test.cpp)
oct_test_groups(windows borders threads)
