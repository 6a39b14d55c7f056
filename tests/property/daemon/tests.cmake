oct_test(occupancy_property_test.cpp)
