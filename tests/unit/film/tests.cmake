oct_test(RENDERER contribution_codec_test.cpp exposure_test.cpp film_file_test.cpp film_history_test.cpp film_test.cpp passes_test.cpp picture_test.cpp
  render_key_test.cpp unit_bits_test.cpp)
oct_test_groups(windows)
