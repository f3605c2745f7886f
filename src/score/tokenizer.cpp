#include "score/tokenizer.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <optional>
#include <tuple>

#include "core/fail.h"

namespace yourmt3 {

namespace {

// No program and no velocity is ever this.
constexpr int kNotYet = std::numeric_limits<int>::min();

// Rounds half to even, as the reference does.
double to_ticks(double time_sec) {
  return std::nearbyint(time_sec * kTicksPerSecond);
}

class Encoder {
 public:
  Encoder(const Vocabulary& vocabulary, double start_sec, std::vector<std::int32_t>& ids)
      : vocabulary_(vocabulary), start_tick_(to_ticks(start_sec)), tick_(start_tick_), ids_(ids) {}

  void tie(const Tie& tie) {
    program(tie.program);
    ids_.push_back(vocabulary_.id(EventType::kPitch, tie.pitch));
  }

  void end_of_ties() { ids_.push_back(vocabulary_.id(EventType::kTie)); }

  void event(const NoteEvent& event) {
    if (event.is_drum && event.velocity == 0) return;
    shift_to(event);
    if (event.is_drum) {
      velocity(1);
      ids_.push_back(vocabulary_.drum_id(event.pitch));
      return;
    }
    program(event.program);
    velocity(event.velocity);
    ids_.push_back(vocabulary_.id(EventType::kPitch, event.pitch));
  }

 private:
  void shift_to(const NoteEvent& event) {
    const double tick = to_ticks(event.time_sec);
    if (!(tick >= tick_)) {
      fail(ErrorCode::kInvalidArgument, "an event at {} s lies before its segment, which begins at tick {} of 10 ms",
           event.time_sec, start_tick_);
    }
    if (tick == tick_) return;
    // The value counts from the start of the segment, not from the event before.
    ids_.push_back(vocabulary_.id(EventType::kShift, static_cast<int>(std::min(tick - start_tick_, 1e6))));
    tick_ = tick;
  }

  // As the reference: states are compared before programs are grouped, so two programs of one class repeat its token.
  void program(int program) {
    if (program == program_) return;
    ids_.push_back(vocabulary_.program_id(program));
    program_ = program;
  }

  void velocity(int velocity) {
    if (velocity == velocity_) return;
    ids_.push_back(vocabulary_.id(EventType::kVelocity, velocity));
    velocity_ = velocity;
  }

  const Vocabulary& vocabulary_;
  double start_tick_;
  double tick_;
  int program_ = kNotYet;
  int velocity_ = kNotYet;
  std::vector<std::int32_t>& ids_;
};

std::vector<NoteEvent> in_token_order(std::span<const NoteEvent> events) {
  std::vector<NoteEvent> sorted(events.begin(), events.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const NoteEvent& a, const NoteEvent& b) {
    return std::make_tuple(to_ticks(a.time_sec), a.is_drum, a.program, a.velocity, a.pitch) <
           std::make_tuple(to_ticks(b.time_sec), b.is_drum, b.program, b.velocity, b.pitch);
  });
  return sorted;
}

std::vector<std::int32_t> prefix_of(const Task& task, TokenMode mode) {
  const auto found = task.prefixes.find(mode == TokenMode::kOnsets ? "onsets" : "notes");
  if (found != task.prefixes.end()) return found->second;
  if (mode == TokenMode::kOnsets) {
    fail(ErrorCode::kInvalidArgument, "task '{}' has no tokens for onsets only; use onset_v1", task.name);
  }
  return {};
}

}  // namespace

std::vector<std::int32_t> encode_segment(const SegmentEvents& segment, const Task& task, TokenMode mode) {
  std::vector<std::int32_t> ids = prefix_of(task, mode);
  const std::size_t longest = ids.size() + static_cast<std::size_t>(task.max_note_tokens);
  Encoder encoder(task.vocabulary, segment.start_sec, ids);
  if (mode == TokenMode::kNotes) {
    std::vector<Tie> ties = segment.ties;
    std::stable_sort(ties.begin(), ties.end());
    for (const Tie& tie : ties) encoder.tie(tie);
  }
  encoder.end_of_ties();
  for (const NoteEvent& event : in_token_order(segment.events)) {
    if (mode == TokenMode::kOnsets && event.velocity == 0) continue;
    encoder.event(event);
  }
  ids.push_back(kEosId);
  if (ids.size() > longest) ids.resize(longest);
  return ids;
}

std::vector<std::vector<std::int32_t>> encode_channels(const SegmentEvents& segment, const Task& task, TokenMode mode) {
  std::vector<std::vector<std::int32_t>> rows;
  for (const SegmentEvents& channel : split_channels(segment, task))
    rows.push_back(encode_segment(channel, task, mode));
  return rows;
}

namespace {

struct Token {
  Event event;
  std::optional<float> probability;  // None where nobody tells.
};

/// Geometric mean of the probabilities of a token and of those that are in force with it.
std::optional<double> confidence(const Token& token, std::initializer_list<std::optional<Token>> in_force) {
  if (!token.probability) return std::nullopt;
  double logarithms = std::log(double{*token.probability});
  int n = 1;
  for (const std::optional<Token>& other : in_force) {
    if (!other) continue;
    logarithms += std::log(double{*other->probability});
    ++n;
  }
  // Rounded, so that it is short in text and the same there.
  return std::round(1e4 * std::exp(logarithms / n)) / 1e4;
}

class Decoder {
 public:
  Decoder(double start_sec, DecodeErrors& errors)
      : start_tick_(to_ticks(start_sec)), tick_(start_tick_), errors_(errors) {}

  // Returns the number of tokens up to and including the tie; 0 when there is none.
  std::size_t read_ties(std::span<const Token> tokens) {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      const Event& event = tokens[i].event;
      // As the reference: anything else is passed over, even an end of sequence.
      if (event.type == EventType::kTie) return i + 1;
      if (event.type == EventType::kShift) break;
      if (event.type == EventType::kProgram) program_ = tokens[i];
      if (event.type == EventType::kPitch) read_tied_pitch(event.value);
    }
    errors_.add(DecodeError::kMissingTie);
    segment_ = {};
    return 0;
  }

  void read_events(std::span<const Token> tokens) {
    for (const Token& token : tokens) {
      const Event& event = token.event;
      switch (event.type) {
        case EventType::kEos:
          return;
        case EventType::kPad:
        case EventType::kUnknown:
          break;
        case EventType::kShift:
          if (event.value <= 0) {
            errors_.add(DecodeError::kShiftOutOfRange);
          } else {
            tick_ = start_tick_ + event.value;
            shift_ = token;
          }
          break;
        case EventType::kDrum:
          add({true, kDrumProgram, time_sec(), 1, event.value, confidence(token, {shift_, velocity_})});
          break;
        case EventType::kProgram:
          program_ = token;
          break;
        case EventType::kVelocity:
          velocity_ = token;
          break;
        case EventType::kPitch:
          read_pitch(token);
          break;
        case EventType::kTie:
          errors_.add(tick_ == start_tick_ ? DecodeError::kTieAtStart : DecodeError::kTieLater);
          break;
        case EventType::kTask:
          errors_.add(DecodeError::kUnknownEvent);
          break;
      }
    }
  }

  DecodedSegment finish() {
    sort_events(segment_.events);
    std::stable_sort(segment_.ties.begin(), segment_.ties.end());
    return std::move(segment_);
  }

 private:
  double time_sec() const { return tick_ / kTicksPerSecond; }

  void add(const NoteEvent& event) { segment_.events.push_back(event); }

  void read_tied_pitch(int pitch) {
    if (!program_) {
      errors_.add(DecodeError::kMissingProgramInTie);
      return;
    }
    const Tie note{program_->event.value, pitch};
    segment_.ties.push_back(note);
    segment_.last_activity.push_back(note);
  }

  void read_pitch(const Token& pitch) {
    if (!program_) {
      errors_.add(DecodeError::kMissingProgram);
      return;
    }
    if (!velocity_) {
      errors_.add(DecodeError::kMissingVelocity);
      return;
    }
    std::vector<Tie>& sounding = segment_.last_activity;
    const Tie note{program_->event.value, pitch.event.value};
    const bool begins = velocity_->event.value > 0;
    if (begins) {
      sounding.push_back(note);
    } else {
      const auto found = std::find(sounding.begin(), sounding.end(), note);
      if (found == sounding.end()) {
        errors_.add(DecodeError::kOffWithoutOn);
        return;
      }
      sounding.erase(found);
    }
    add({false, note.program, time_sec(), velocity_->event.value, note.pitch,
         begins ? confidence(pitch, {shift_, program_, velocity_}) : std::nullopt});
  }

  double start_tick_;
  double tick_;
  std::optional<Token> shift_, program_, velocity_;  // In force.
  DecodedSegment segment_;
  DecodeErrors& errors_;
};

}  // namespace

DecodedSegment decode_segment(std::span<const std::int32_t> ids, double start_sec, const Task& task,
                              DecodeErrors& errors, std::span<const float> probabilities) {
  YOURMT3_ASSERT(probabilities.empty() || probabilities.size() == ids.size());
  std::vector<Token> tokens;
  tokens.reserve(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (std::find(task.ignored_ids.begin(), task.ignored_ids.end(), ids[i]) != task.ignored_ids.end()) continue;
    Token& token = tokens.emplace_back(Token{task.vocabulary.event(ids[i]), std::nullopt});
    if (!probabilities.empty()) token.probability = probabilities[i];
  }
  Decoder decoder(start_sec, errors);
  if (const std::size_t first = decoder.read_ties(tokens)) decoder.read_events(std::span(tokens).subspan(first));
  return decoder.finish();
}

}  // namespace yourmt3
