oct_test(RENDERER corruption_test.cpp)
