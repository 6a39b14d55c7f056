oct_test(RENDERER binary_tree_test.cpp bvh_builder_test.cpp compact_writer_test.cpp hits_test.cpp linked_tree_test.cpp tree_parts_test.cpp random_scenes.cpp trace_rays_x64.cpp trace_rays_v3.cpp)
set_source_files_properties(${CMAKE_CURRENT_LIST_DIR}/trace_rays_v3.cpp
  PROPERTIES COMPILE_OPTIONS -march=x86-64-v3 SKIP_PRECOMPILE_HEADERS ON)
oct_test_groups(windows kernels)
