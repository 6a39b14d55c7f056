oct_test(RENDERER contribution_codec_test.cpp exposure_test.cpp film_file_test.cpp film_history_test.cpp film_test.cpp passes_test.cpp picture_test.cpp
  render_key_test.cpp unit_bits_test.cpp)
oct_test_groups(windows)
# tinyexr and stb are independent readers of our files: not our code, and tinyexr's assertions end a program
set_source_files_properties(${CMAKE_CURRENT_LIST_DIR}/picture_test.cpp PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON
  COMPILE_OPTIONS "-Wno-unused-function;-Wno-shadow;-DNDEBUG")
