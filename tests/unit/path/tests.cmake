oct_test(RENDERER accumulator_test.cpp media_test.cpp stages_test.cpp)
oct_test_groups(windows kernels)
