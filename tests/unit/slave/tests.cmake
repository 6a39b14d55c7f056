oct_test(scene_builder_test.cpp slave_core_test.cpp want_list_test.cpp)
