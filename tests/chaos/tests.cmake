oct_test(chaos_test.cpp simulation.cpp)
