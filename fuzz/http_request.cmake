yourmt3_add_fuzzer(http_request LINK yourmt3_server)
target_sources(http_request PRIVATE sndfile_leaks.cpp)
