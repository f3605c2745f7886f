yourmt3_add_fuzzer(stem_wav LINK yourmt3_data)
