yourmt3_add_fuzzer(checkpoint_pickle LINK yourmt3_model)
target_include_directories(checkpoint_pickle PRIVATE "${PROJECT_SOURCE_DIR}/tests")
