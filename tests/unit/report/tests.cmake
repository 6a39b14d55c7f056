oct_test(activity_test.cpp computers_test.cpp progress_test.cpp shares_test.cpp words_test.cpp)
