yourmt3_add_fuzzer(drum_kit LINK yourmt3_data)
