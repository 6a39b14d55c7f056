oct_test(RENDERER canary_test.cpp cpu_device_test.cpp cuda_device_test.cpp cpu_info_test.cpp lease_work_test.cpp queue_sizes_test.cpp tree_store_test.cpp)
