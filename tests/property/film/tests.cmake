oct_test(RENDERER resume_test.cpp)
