oct_test(RENDERER memory_budget_test.cpp render_worker_test.cpp)
oct_test_groups(threads)
