oct_test(RENDERER block_order_test.cpp queue_columns_test.cpp queues_test.cpp)
