oct_test(RENDERER compiled_scene_test.cpp manifest_test.cpp rebuilder_test.cpp shared_array_test.cpp validate_test.cpp)
oct_test_groups(windows)
