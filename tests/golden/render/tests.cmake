oct_test(RENDERER film_hash_test.cpp)
oct_test_groups(windows kernels)
