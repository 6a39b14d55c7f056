oct_test(RENDERER columns_test.cpp escaped_test.cpp exhaustion_test.cpp exit_code_test.cpp figure_test.cpp file_test.cpp hash_test.cpp log_test.cpp memory_limit_test.cpp
  output_file_test.cpp output_names_test.cpp plain_file_test.cpp regular_file_test.cpp thread_limit_test.cpp thread_pool_test.cpp work_queue_test.cpp)
oct_test_groups(windows)
