oct_test(RENDERER device_opening_test.cpp memory_budget_test.cpp render_worker_test.cpp)
oct_test_groups(threads)
