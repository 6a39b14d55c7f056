oct_test(comparison.cpp comparison_test.cpp reference_test.cpp set_up.cpp)
