oct_test(RENDERER complete_scene_test.cpp daylight_test.cpp faults_test.cpp file_reference_test.cpp gltf_glossiness_test.cpp gltf_layers_test.cpp gltf_material_test.cpp gltf_mended_test.cpp
  gltf_packed_test.cpp gltf_test.cpp gltf_uv_sets_test.cpp image_test.cpp import_log_test.cpp light_units_test.cpp obj_test.cpp pose_test.cpp
  scene_files_test.cpp shared_scenes_test.cpp similar_names_test.cpp skin_test.cpp triangulate_test.cpp)
oct_test_groups(windows borders)
