oct_test(connect_schedule_test.cpp scene_builder_test.cpp slave_core_test.cpp want_list_test.cpp)
