oct_test(auditor_test.cpp camera_override_test.cpp compiled_scene_test.cpp device_work_test.cpp done_picture_test.cpp film_output_test.cpp frame_core_test.cpp frame_list_test.cpp frame_pool_test.cpp frame_queue_test.cpp frame_task_test.cpp inbox_guard_test.cpp
  lease_dispatcher_test.cpp lease_policy_test.cpp ledger_test.cpp link_rate_test.cpp local_devices_test.cpp master_core_test.cpp memory_needs_test.cpp noise_rule_test.cpp packed_sizes_test.cpp preview_test.cpp
  resumed_frame_test.cpp scene_loader_test.cpp scene_source_test.cpp slave_link_test.cpp two_frames_test.cpp)
