oct_test(RENDERER random_test.cpp sobol_test.cpp warp_test.cpp)
oct_test_groups(windows)
