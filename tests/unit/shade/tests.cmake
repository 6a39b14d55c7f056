oct_test(RENDERER alpha_test.cpp bsdf_test.cpp camera_test.cpp fresnel_test.cpp furnace_test.cpp layered_bsdf_test.cpp light_test.cpp sides_test.cpp surface_test.cpp
         texture_test.cpp)
oct_test_groups(windows)
