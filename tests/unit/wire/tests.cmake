oct_test(RENDERER codec_test.cpp compression_test.cpp daemon_messages_test.cpp document_test.cpp kernel_hash_test.cpp packet_test.cpp preamble_test.cpp
  supervision_test.cpp text_test.cpp)
oct_test_groups(windows borders)
