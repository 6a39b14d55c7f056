oct_test(replay_test.cpp scene_replay_test.cpp)
oct_fuzzer(daemon_message discovery document film_file key_text message packet_stream preamble preferences)
oct_fuzzer(float_image gltf image inspect mtl obj)
oct_test_groups(borders)
