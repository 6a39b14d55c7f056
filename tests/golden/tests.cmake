oct_test(RENDERER film/film_file_page_test.cpp wire/messages_golden_test.cpp wire/protocol_page_test.cpp)
oct_test_groups(windows kernels)
