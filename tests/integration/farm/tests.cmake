oct_test(farm_test.cpp)
oct_test_groups(borders threads)
