oct_test(child_process_test.cpp run_child.cpp watched_child_test.cpp)
