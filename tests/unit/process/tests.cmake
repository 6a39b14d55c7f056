oct_test(child_process_test.cpp run_child.cpp async_child_test.cpp)
