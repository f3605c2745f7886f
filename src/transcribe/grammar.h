#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "score/task.h"
#include "transcribe/instrument_mask.h"

namespace yourmt3 {

/// Where a sequence of tokens stands: all that decides what may follow.
struct GrammarState {
  enum class Section { kPrefix, kTies, kNotes };

  /// An event inside one tick: the order in which the encoder writes them.
  struct Place {
    int program = 0;
    int velocity = 0;
    int pitch = 0;
  };

  Section section = Section::kPrefix;
  int n_prefix = 0;                        ///< Task tokens so far.
  int tick = 0;                            ///< 10 ms since the start of the segment.
  int program = -1;                        ///< Running program, -1 for none.
  int velocity = -1;                       ///< Running velocity, -1 for none.
  bool program_pending = false;            ///< A program token waits for its note.
  bool velocity_pending = false;           ///< A velocity token waits for its note.
  bool shift_pending = false;              ///< A shift token waits for an event.
  std::optional<Place> last;               ///< Last pitched event of this tick, or of the tie section.
  int last_drum = -1;                      ///< Last drum of this tick.
  std::vector<std::bitset<128>> sounding;  ///< By position among Grammar::programs().
};

/// Which tokens may follow which: task tokens, ties in order, `tie`, then groups of events with times that grow. Inside
/// a group: by program, ends before beginnings, by pitch, drums last. An end needs a note that sounds; a program or
/// velocity token needs a note behind it; EOS comes after a complete event. Programs are the first ones of their
/// classes.
///
/// Every state that allowed tokens lead to allows at least one token. Const methods may be called from several threads.
class Grammar {
 public:
  /// `onset_only`: no ends of notes, and no ties. Instruments that `mask` leaves out are never written. `task` must
  /// outlive the grammar.
  Grammar(const Task& task, bool onset_only, const InstrumentMask& mask = {});

  const Task& task() const { return *task_; }

  /// Programs that may be named, ascending.
  std::span<const int> programs() const { return programs_; }
  /// Drums may be written.
  bool drums() const { return drums_; }
  /// Decoder channels in which something may be written, ascending.
  std::span<const int> channels() const { return channels_; }
  /// Tokens that the mask forbids wherever they stand.
  std::span<const std::int32_t> masked_tokens() const { return masked_tokens_; }

  GrammarState start() const;

  /// The state after one more token, allowed or not; tokens that make no sense change nothing.
  void advance(GrammarState& state, std::int32_t token) const;

  /// Sets allowed[id] to 1 for tokens that may follow in decoder channel `channel`, others to 0; vocabulary.size()
  /// values.
  void allowed_tokens(const GrammarState& state, int channel, std::span<std::uint8_t> allowed) const;

 private:
  void allow_ties(const GrammarState& state, int channel, std::span<std::uint8_t> allowed) const;
  void allow_notes(const GrammarState& state, int channel, std::span<std::uint8_t> allowed) const;
  void allow_pitches(const GrammarState& state, std::span<std::uint8_t> allowed) const;
  int position_of(int program) const;
  bool sounds(const GrammarState& state, int program) const;

  const Task* task_;
  bool onset_only_;
  std::vector<std::int32_t> prefix_;
  std::vector<int> programs_, channels_;
  bool drums_;
  std::vector<std::int32_t> masked_tokens_;
};

}  // namespace yourmt3
