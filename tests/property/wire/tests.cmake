oct_test(RENDERER messages_property_test.cpp)
