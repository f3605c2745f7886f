#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "prepare/data_set.h"

namespace yourmt3 {

/// The whole of a recording as it is stored: mono by the mean of its channels, 16 kHz. What the reader warns of, such
/// as a file that breaks off, becomes a remark. Throws as load_audio().
std::vector<float> read_recording(const std::filesystem::path& path, std::vector<std::string>& remarks);

/// Adds the recording to the sounds of an item, with its remarks.
void add_recording(PreparedItem& item, std::string name, const std::filesystem::path& path);

/// Adds a remark when samples at 16 kHz last more than a second longer or shorter than was told of their file: sounds
/// end with the ring of their last note, or a little before the last tick of their MIDI.
void remark_on_length(PreparedItem& item, const std::filesystem::path& path, std::size_t n_samples, double told_sec);

}  // namespace yourmt3
