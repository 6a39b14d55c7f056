oct_test(daemon/daemon_app_test.cpp master/display_server_test.cpp master/session_test.cpp master/slave_server_test.cpp net/connection_test.cpp
  net/ownership_test.cpp net/strangers_test.cpp net/tls_stream_test.cpp net/tls_test.cpp)
oct_test_groups(borders threads)
