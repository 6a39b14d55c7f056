oct_test(RENDERER page_test.cpp)
