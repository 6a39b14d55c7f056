oct_test(slave_core_test.cpp want_list_test.cpp)
