oct_test(RENDERER block_order_test.cpp queues_test.cpp)
