#include "evaluate/worst_tracks.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "data/arrange.h"
#include "data/audio_out.h"
#include "data/song.h"
#include "data/synthesizer.h"
#include "data/tones.h"
#include "data/track_mix.h"
#include "eval/class_sets.h"
#include "eval/note_matching.h"
#include "eval/note_pairing.h"
#include "evaluate/base64.h"
#include "evaluate/report.h"
#include "yourmt3/transcriber.h"

namespace yourmt3 {
namespace {

using Json = nlohmann::ordered_json;

enum class Standing { kFound, kOtherInstrument, kAlone };

/// A note of either side, and whether it stands for one of the other.
struct ShownNote {
  Note note;
  Standing standing = Standing::kAlone;
};

struct ShownTrack {
  std::vector<ShownNote> reference, estimate;
};

std::vector<ShownNote> pitched(const std::vector<Note>& notes) {
  std::vector<ShownNote> shown;
  for (const Note& note : notes) {
    if (!note.is_drum) shown.push_back({note, Standing::kAlone});
  }
  return shown;
}

std::vector<Note> notes_of(const std::vector<ShownNote>& shown) {
  std::vector<Note> notes;
  for (const ShownNote& one : shown) notes.push_back(one.note);
  return notes;
}

/// Drums as they are scored: those of no class are left out, the others have their class's first key.
std::vector<ShownNote> drums(const std::vector<Note>& notes, const DrumVocabulary* vocabulary) {
  std::vector<ShownNote> shown;
  for (Note note : notes) {
    if (!note.is_drum || (vocabulary != nullptr && vocabulary->class_of(note.pitch) < 0)) continue;
    if (vocabulary != nullptr) note.pitch = vocabulary->representative(note.pitch);
    note.offset_sec = note.onset_sec + 0.01;
    shown.push_back({note, Standing::kAlone});
  }
  return shown;
}

void append(std::vector<ShownNote>& to, std::vector<ShownNote> from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

ShownTrack show(const TrackResult& track, const TrackMetricOptions& metrics) {
  ShownTrack shown{pitched(track.reference), pitched(track.estimate)};
  const ProgramVocabulary& classes = metrics.classes != nullptr ? *metrics.classes : class_set("GM_INSTR_CLASS_PLUS");
  for (const NotePair& pair : pair_notes(notes_of(shown.reference), notes_of(shown.estimate), classes)) {
    const Standing standing = pair.same_instrument ? Standing::kFound : Standing::kOtherInstrument;
    shown.reference[static_cast<std::size_t>(pair.reference)].standing = standing;
    shown.estimate[static_cast<std::size_t>(pair.estimate)].standing = standing;
  }
  std::vector<ShownNote> r = drums(track.reference, metrics.drums), e = drums(track.estimate, metrics.drums);
  MatchOptions onsets;
  onsets.offset_ratio.reset();
  for (const auto& [i, j] : match_notes(to_sounding(notes_of(r)), to_sounding(notes_of(e)), onsets)) {
    r[static_cast<std::size_t>(i)].standing = Standing::kFound;
    e[static_cast<std::size_t>(j)].standing = Standing::kFound;
  }
  append(shown.reference, std::move(r));
  append(shown.estimate, std::move(e));
  return shown;
}

double worst_start_sec(const ShownTrack& shown, double track_sec, double length_sec) {
  std::vector<double> wrong;
  for (const auto* side : {&shown.reference, &shown.estimate}) {
    for (const ShownNote& one : *side) {
      if (one.standing == Standing::kAlone) wrong.push_back(one.note.onset_sec);
    }
  }
  std::sort(wrong.begin(), wrong.end());
  std::size_t most = 0;
  double best = 0;
  for (std::size_t first = 0, last = 0; first < wrong.size(); ++first) {
    while (last < wrong.size() && wrong[last] < wrong[first] + length_sec) ++last;
    if (last - first > most) {
      most = last - first;
      best = wrong[first];
    }
  }
  return std::clamp(best, 0.0, std::max(0.0, track_sec - length_sec));
}

/// Names the instruments of notes as they are met.
class InstrumentList {
 public:
  explicit InstrumentList(const DrumVocabulary* drums) : drums_(drums) {}

  std::size_t index_of(const Note& note) {
    const int drum_class = note.is_drum && drums_ != nullptr ? drums_->class_of(note.pitch) : -1;
    const std::string name =
        drum_class >= 0 ? drums_->classes()[static_cast<std::size_t>(drum_class)].name
                        : (note.is_drum ? "Drum " + std::to_string(note.pitch) : instrument_name(note.program));
    const auto [place, is_new] = places_.try_emplace({note.is_drum, name}, list_.size());
    if (is_new) list_.push_back({{"name", name}, {"drum", note.is_drum}});
    return place->second;
  }
  const Json& json() const { return list_; }

 private:
  const DrumVocabulary* drums_;
  std::map<std::pair<bool, std::string>, std::size_t> places_;
  Json list_ = Json::array();
};

Json note_rows(const std::vector<ShownNote>& shown, InstrumentList& instruments) {
  const auto milliseconds = [](double sec) { return std::lround(1000 * sec); };
  Json rows = Json::array();
  for (const auto& [note, standing] : shown) {
    rows.push_back({milliseconds(note.onset_sec), milliseconds(note.offset_sec - note.onset_sec), note.pitch,
                    instruments.index_of(note), static_cast<int>(standing)});
  }
  return rows;
}

std::vector<float> play(const std::vector<Note>& notes, double start_sec, double length_sec) {
  const Song excerpt = cut_excerpt(song_of_notes(notes), start_sec, length_sec);
  std::vector<float> mix(static_cast<std::size_t>(length_sec * kRenderRate));
  for (const Part& part : excerpt.parts) {
    const std::vector<float> sound = render_tones(part, length_sec);
    for (std::size_t i = 0; i < std::min(mix.size(), sound.size()); ++i) mix[i] += sound[i];
  }
  return mix;
}

/// The reference has no multi_f where nothing was heard; for choosing tracks nothing is worse.
double ranking_score(const TrackResult& track, const std::string& metric) {
  const double score = score_of(track.metrics, metric);
  return std::isnan(score) && track.metrics.instrument.contains(metric) && track.estimate.empty() &&
                 !track.reference.empty()
             ? 0
             : score;
}

std::string data_uri(std::vector<float> samples) {
  float peak = 0;
  for (const float sample : samples) peak = std::max(peak, std::abs(sample));
  if (peak > 0) {
    for (float& sample : samples) sample *= 0.9f / peak;
  }
  // MP3, because every browser plays it.
  return "data:audio/mpeg;base64," + base64(audio_bytes(".mp3", samples, kRenderRate, 1));
}

}  // namespace

std::string_view ranking_metric(const SetResult& result) {
  std::string_view best;
  std::ptrdiff_t most = -1;
  for (const std::string_view metric : {"multi_f", "onset_f", "onset_f_drum"}) {
    const auto scored = std::count_if(result.tracks.begin(), result.tracks.end(), [&](const TrackResult& track) {
      return !std::isnan(ranking_score(track, std::string(metric)));
    });
    if (scored <= most) continue;
    most = scored;
    best = metric;
  }
  return best;
}

std::vector<std::size_t> worst_tracks(const SetResult& result, int n) {
  const std::string metric(ranking_metric(result));
  std::vector<std::pair<double, std::size_t>> scores;
  for (std::size_t i = 0; i < result.tracks.size(); ++i) {
    const double score = ranking_score(result.tracks[i], metric);
    if (!std::isnan(score)) scores.emplace_back(score, i);
  }
  std::sort(scores.begin(), scores.end());
  scores.resize(std::min(scores.size(), static_cast<std::size_t>(n)));
  std::vector<std::size_t> worst;
  for (const auto& [score, i] : scores) worst.push_back(i);
  return worst;
}

nlohmann::ordered_json track_picture(const SetResult& result, std::size_t index, const ReportOptions& options,
                                     std::size_t& audio_bytes_left) {
  const TrackResult& track = result.tracks[index];
  const double track_sec = track.item.seconds();
  const ShownTrack shown = show(track, result.set.metrics());
  InstrumentList instruments(result.set.metrics().drums);
  const double length_sec = std::min(options.audio_sec, track_sec);
  const double start_sec = worst_start_sec(shown, track_sec, length_sec);
  Json picture = {{"set", result.set.set().name},
                  {"track", track.item.track->info.id},
                  {"seconds", track_sec},
                  {"start_sec", start_sec},
                  {"length_sec", length_sec},
                  {"reference", note_rows(shown.reference, instruments)},
                  {"estimate", note_rows(shown.estimate, instruments)}};
  picture["instruments"] = instruments.json();
  if (!options.audio) return picture;
  const std::vector<float> mix = track_mix(*track.item.track, track.item.n_samples);
  const auto begin = mix.begin() + static_cast<std::ptrdiff_t>(start_sec * kRenderRate);
  const auto n_samples = std::min(mix.end() - begin, static_cast<std::ptrdiff_t>(length_sec * kRenderRate));
  Json audio = {{"recording", data_uri({begin, begin + n_samples})},
                {"reference", data_uri(play(track.reference, start_sec, length_sec))},
                {"estimate", data_uri(play(track.estimate, start_sec, length_sec))}};
  std::size_t n_bytes = 0;
  for (const auto& sound : audio) n_bytes += sound.get_ref<const std::string&>().size();
  if (n_bytes > audio_bytes_left) return picture;
  audio_bytes_left -= n_bytes;
  picture["audio"] = std::move(audio);
  return picture;
}

}  // namespace yourmt3
