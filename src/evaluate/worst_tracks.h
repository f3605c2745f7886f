#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "evaluate/evaluate_set.h"

namespace yourmt3 {

/// What of the tracks themselves goes into a report.
struct ReportOptions {
  int n_worst = 2;                          ///< Of each set, tracks that are shown.
  bool audio = true;                        ///< With sound.
  double audio_sec = 15;                    ///< Of each, at most; some 4 kB a second.
  std::size_t max_audio_bytes = 24u << 20;  ///< Of all sound together; tracks after that are silent.
};

/// The metric by which tracks of a set are compared: of multi_f, onset_f and onset_f_drum the one that most tracks have,
/// the earlier of equals.
std::string_view ranking_metric(const SetResult& result);

/// Indices of the tracks with the lowest score in that metric, worst first. Tracks without a score are left out.
std::vector<std::size_t> worst_tracks(const SetResult& result, int n);

/// Notes of a track and who stands for whom, and sound, as data for the report:
///
/// "set", "track", "seconds"; "reference" and "estimate": [[onset_ms, length_ms, pitch, instrument, standing], ...],
/// with "instruments": [{"name", "drum"}, ...]; "start_sec" and "length_sec" of the stretch with the most notes that
/// are missed or invented; "audio" of it: {"recording", "reference", "estimate"} as data URIs. Standing 0 is found
/// (pitch, onset and instrument class agree), 1 found as another instrument, 2 missed or invented. Drums are shown as
/// they are scored. Sound is left out where it would need more than `audio_bytes_left`, which is counted down.
nlohmann::ordered_json track_picture(const SetResult& result, std::size_t index, const ReportOptions& options,
                                     std::size_t& audio_bytes_left);

}  // namespace yourmt3
