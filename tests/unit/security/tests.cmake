oct_test(farm_key_test.cpp hmac_test.cpp key_store_test.cpp)
oct_test_groups(windows borders)
