oct_test(progress_test.cpp words_test.cpp)
