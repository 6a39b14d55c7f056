oct_test(RENDERER analytic_test.cpp determinism_test.cpp layers_test.cpp sides_test.cpp)
