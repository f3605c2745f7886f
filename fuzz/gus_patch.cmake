yourmt3_add_fuzzer(gus_patch LINK yourmt3_data)
