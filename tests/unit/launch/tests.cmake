oct_test(RENDERER queue_columns_test.cpp queues_test.cpp)
