oct_test(RENDERER render_worker_test.cpp)
oct_test_groups(threads)
