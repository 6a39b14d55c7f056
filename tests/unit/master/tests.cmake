oct_test(inbox_guard_test.cpp lease_dispatcher_test.cpp ledger_test.cpp link_rate_test.cpp
  master_core_test.cpp memory_budget_test.cpp preview_test.cpp scene_loader_test.cpp slave_link_test.cpp)
