oct_test(jobs_file_test.cpp)
# what main.cpp of the program asks
target_sources(octane_test_unit_octane_master PRIVATE ${PROJECT_SOURCE_DIR}/apps/octane_master/farm_context.cpp
  ${PROJECT_SOURCE_DIR}/apps/octane_master/jobs_file.cpp ${PROJECT_SOURCE_DIR}/apps/octane_master/options.cpp)
target_link_libraries(octane_test_unit_octane_master PRIVATE octane_device_options)
