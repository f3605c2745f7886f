#include "cli/known_segments.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "data/stem_mixer.h"
#include "data/store.h"

namespace yourmt3::testing {

void write_known_segments(const std::filesystem::path& store, const std::filesystem::path& output) {
  constexpr int kBundles = 8;  // data.segments
  constexpr double kSeconds = SegmentSource::kSegmentSamples / 16000.0;
  StemMixOptions options;  // As [stems].
  options.bundle = 4;
  options.policy.keep = 1;
  options.policy.max_k = 0;
  options.policy.min_amplitude = options.policy.max_amplitude = 1;
  const std::vector<StemDataSet> sets = {{.name = "known", .stores = {store}}};
  const StemMixer mixer(sets, options);
  StoreWriter writer(output);
  int n = 0;
  for (std::uint64_t bundle = 0; bundle < kBundles; ++bundle) {
    for (const MixedSegment& segment : mixer.make(bundle)) {
      std::map<int, Part> by_program;
      std::vector<int> programs;
      for (const Note& note : segment.notes) {
        if (note.onset_sec < 0) continue;  // Begins before the segment: no onset to be heard.
        Part& part = by_program[note.program];
        part.program = note.program;
        part.notes.push_back({note.onset_sec, std::min(note.offset_sec, kSeconds), note.pitch, 90});
      }
      std::vector<Part> parts;
      for (auto& [program, part] : by_program) {
        programs.push_back(program);
        parts.push_back(std::move(part));
      }
      TrackInfo track;
      track.id = fmt::format("segment{:02}", n++);
      track.split = "test";
      track.seconds = kSeconds;
      writer.add_mix(std::move(track), programs, segment.samples, parts);
    }
  }
  writer.commit();
}

}  // namespace yourmt3::testing
