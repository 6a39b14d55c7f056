oct_test(RENDERER alias_table_test.cpp compile_test.cpp enclosure_test.cpp environment_test.cpp fastest_loops_test.cpp in_view_test.cpp inside_out_test.cpp lights_test.cpp
  materials_test.cpp meshes_test.cpp missing_uvs_test.cpp scenes_test.cpp shared_faces_test.cpp transforms_test.cpp)
oct_test_groups(windows kernels)
