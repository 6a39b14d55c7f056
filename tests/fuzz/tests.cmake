oct_test(replay_test.cpp scene_replay_test.cpp)
oct_fuzzer(daemon_message discovery document film_file key_text message packet_stream preamble preferences)
oct_fuzzer(float_image gltf image inspect mtl obj render_data)
oct_test_groups(borders)
# The scripts that run fuzzers and hostile scenes, with stand-ins for the programs: what goes wrong must be told.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_Interpreter_FOUND AND NOT WIN32)
  add_test(NAME fuzz_scripts COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/scripts_test.py)
endif()
