#include "transcribe/piano_roll.h"

#include <cairo.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>

#include "support/temporary_folder.h"
#include "yourmt3/error.h"

namespace yourmt3::testing {
namespace {

/// A PNG file, decoded.
class Picture {
 public:
  explicit Picture(const std::string& png) {
    Source source{png, 0};
    surface_.reset(cairo_image_surface_create_from_png_stream(
        [](void* from, unsigned char* to, unsigned size) {
          Source& s = *static_cast<Source*>(from);
          if (s.bytes.size() - s.at < size) return CAIRO_STATUS_READ_ERROR;
          std::memcpy(to, s.bytes.data() + s.at, size);
          s.at += size;
          return CAIRO_STATUS_SUCCESS;
        },
        &source));
    if (cairo_surface_status(surface_.get()) != CAIRO_STATUS_SUCCESS) throw std::runtime_error("no PNG");
  }

  int width() const { return cairo_image_surface_get_width(surface_.get()); }
  int height() const { return cairo_image_surface_get_height(surface_.get()); }

  /// 0xRRGGBB.
  unsigned pixel(double x, double y) const {
    const unsigned char* row = cairo_image_surface_get_data(surface_.get()) +
                               static_cast<int>(y) * cairo_image_surface_get_stride(surface_.get());
    std::uint32_t value = 0;
    std::memcpy(&value, row + 4 * static_cast<int>(x), 4);
    return value & 0xffffff;
  }

 private:
  struct Source {
    const std::string& bytes;
    std::size_t at;
  };
  struct Destroy {
    void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
  };
  std::unique_ptr<cairo_surface_t, Destroy> surface_;
};

unsigned to_pixel(PianoRollLayout::Color c) {
  const auto byte = [](double v) { return static_cast<unsigned>(std::lround(v * 255)); };
  return byte(c.red) << 16 | byte(c.green) << 8 | byte(c.blue);
}

std::vector<Note> band() {
  std::vector<Note> notes;
  for (int i = 0; i < 8; ++i) {
    notes.push_back({.program = 0, .onset_sec = i * 1.0, .offset_sec = i + 0.9, .pitch = 60 + i});
    notes.push_back({.program = 33, .onset_sec = i * 1.0, .offset_sec = i + 0.5, .pitch = 36 + i % 3});
    notes.push_back({.program = 100, .onset_sec = i + 0.5, .offset_sec = i + 1.0, .pitch = 72 + i % 5});
    notes.push_back({.is_drum = true,
                     .program = kDrumProgram,
                     .onset_sec = i * 1.0,
                     .offset_sec = i + 0.01,
                     .pitch = i % 2 == 0 ? 36 : 38});
  }
  return notes;
}

TEST(PianoRoll, HasTheSizeOfItsLayout) {
  for (const int width : {400, 1600}) {
    const PianoRollOptions options{.title = "Size", .width = width};
    const PianoRollLayout layout = lay_out_piano_roll(band(), options);
    const Picture picture(piano_roll_png(band(), options));
    EXPECT_EQ(picture.width(), width);
    EXPECT_EQ(picture.width(), layout.width);
    EXPECT_EQ(picture.height(), layout.height);
  }
}

TEST(PianoRoll, ShowsEveryNoteInTheColourOfItsInstrument) {
  for (const double duration_sec : {8.0, 100.0, 1000.0}) {
    const PianoRollOptions options{.title = "Colours", .duration_sec = duration_sec};
    const PianoRollLayout layout = lay_out_piano_roll(band(), options);
    const Picture picture(piano_roll_png(band(), options));
    ASSERT_EQ(layout.instruments.size(), 4u);
    for (const Note& note : band()) {
      const auto& instrument = layout.instruments[static_cast<std::size_t>(layout.instrument_of(note))];
      const auto piece = layout.rectangles(note).front();
      if (piece.width < 4) continue;  // Too narrow to have an inside that no edge touches.
      EXPECT_EQ(picture.pixel(piece.x + 0.6 * piece.width, piece.y + piece.height / 2), to_pixel(instrument.color))
          << instrument.name << " at " << note.onset_sec << " of " << duration_sec << " s";
    }
    for (const auto& instrument : layout.instruments) {
      EXPECT_EQ(picture.pixel(instrument.key.x + 7, instrument.key.y + 6), to_pixel(instrument.color));
    }
  }
}

TEST(PianoRoll, LeavesThePlacesOfOtherPitchesEmpty) {
  const PianoRollOptions options{.duration_sec = 8};
  const PianoRollLayout layout = lay_out_piano_roll(band(), options);
  const Picture picture(piano_roll_png(band(), options));
  const Note silent{.program = 0, .onset_sec = 0.3, .offset_sec = 0.4, .pitch = 50};
  const auto place = layout.rectangles(silent).front();
  const unsigned pixel = picture.pixel(place.x + 2, place.y + place.height / 2);
  for (const auto& instrument : layout.instruments) EXPECT_NE(pixel, to_pixel(instrument.color));
  EXPECT_GT(pixel & 0xff, 0xd0u) << "paper or a grid line";
}

TEST(PianoRoll, ShowsAShortNoteBesideALongOneOfTheSamePitch) {
  std::vector<Note> notes{{.program = 33, .onset_sec = 2, .offset_sec = 3, .pitch = 60},
                          {.program = 0, .onset_sec = 0, .offset_sec = 8, .pitch = 60}};
  const PianoRollLayout layout = lay_out_piano_roll(notes, {});
  const Picture picture(piano_roll_png(notes));
  const auto place = layout.rectangles(notes[0]).front();
  EXPECT_EQ(picture.pixel(place.x + place.width / 2, place.y + place.height / 2),
            to_pixel(layout.instruments[1].color));
}

TEST(PianoRoll, SaysThatThereAreNoNotes) {
  const PianoRollOptions options{.title = "Silence", .duration_sec = 10};
  const PianoRollLayout layout = lay_out_piano_roll({}, options);
  const Picture picture(piano_roll_png({}, options));
  EXPECT_EQ(picture.height(), layout.height);
  // The remark in the middle is dark on a light ground.
  int n_dark = 0;
  const int centre_x = static_cast<int>(layout.left + layout.right) / 2;
  const int centre_y = static_cast<int>(layout.line_top(0) + layout.pitches_height() / 2);
  for (int y = centre_y - 20; y < centre_y + 10; ++y) {
    for (int x = centre_x - 90; x < centre_x + 90; ++x) n_dark += (picture.pixel(x, y) & 0xff) < 0x90;
  }
  EXPECT_GT(n_dark, 200);

  const std::vector<Note> hopeless{{.onset_sec = NAN, .offset_sec = 1}};
  EXPECT_NO_THROW(Picture(piano_roll_png(hopeless, options)));
}

TEST(PianoRoll, TakesAnyTitle) {
  const std::string plain = piano_roll_png(band(), {.title = "a?b"});
  // A byte that is no UTF-8 becomes a question mark; what follows is still drawn.
  for (const char* title : {"a\xff"
                            "b",
                            "a\xc3"
                            "b",
                            "a\xc0"
                            "b",
                            "a\n"
                            "b"}) {
    EXPECT_EQ(piano_roll_png(band(), {.title = title}), plain) << title;
  }
  EXPECT_NE(piano_roll_png(band(), {.title = "Für Elise – 月の光 🎹"}), plain);
  EXPECT_NO_THROW(piano_roll_png(band(), {.title = std::string(5000, 'x')}));
}

TEST(PianoRoll, IsWrittenWholeOrNotAtAll) {
  const TemporaryFolder folder;
  draw_piano_roll(band(), {.title = "File"}, folder / "roll.png");
  std::ifstream file(folder / "roll.png", std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  EXPECT_EQ(bytes, piano_roll_png(band(), {.title = "File"}));
  EXPECT_THROW(draw_piano_roll(band(), {}, folder / "roll.png", AtomicFile::Existing::kRefuse), Error);
  EXPECT_THROW(draw_piano_roll(band(), {}, folder / "no_such_folder" / "roll.png"), Error);
}

}  // namespace
}  // namespace yourmt3::testing
