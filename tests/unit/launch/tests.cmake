oct_test(RENDERER queues_test.cpp)
