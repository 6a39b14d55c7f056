oct_test(RENDERER packing_test.cpp)
oct_test_groups(windows)
