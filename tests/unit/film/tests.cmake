oct_test(RENDERER contribution_codec_test.cpp film_test.cpp passes_test.cpp picture_test.cpp)
oct_test_groups(windows)
