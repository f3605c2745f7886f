yourmt3_add_fuzzer(audio_reader LINK yourmt3_audio)
target_sources(audio_reader PRIVATE sndfile_leaks.cpp)
