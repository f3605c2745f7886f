#include "transcribe/piano_roll.h"

#include <cairo.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <new>
#include <numbers>

#include "core/fail.h"
#include "core/printable_text.h"

namespace yourmt3 {
namespace {

using Color = PianoRollLayout::Color;
using Rectangle = PianoRollLayout::Rectangle;

constexpr Color grey(double level) {
  return {level, level, level};
}

constexpr Color kPaper = grey(1.0), kBlackKeys = {0.957, 0.961, 0.973}, kLaneStripe = grey(0.965);
constexpr Color kMinorTime = grey(0.93), kMajorTime = grey(0.85), kOctave = grey(0.78), kFrame = grey(0.6);
constexpr Color kText = grey(0.13), kFaintText = grey(0.42);

struct DestroySurface {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
};
struct DestroyContext {
  void operator()(cairo_t* context) const { cairo_destroy(context); }
};

/// A sheet of pixels with the few things that we draw.
class Sheet {
 public:
  Sheet(int width, int height)
      : surface_(cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height)),
        context_(cairo_create(surface_.get())) {
    check();
    fill({0, 0, static_cast<double>(width), static_cast<double>(height)}, kPaper);
  }

  void fill(const Rectangle& r, Color color) {
    set(color);
    cairo_rectangle(context_.get(), r.x, r.y, r.width, r.height);
    cairo_fill(context_.get());
  }

  /// With round corners where there is room for them.
  void fill_round(const Rectangle& r, Color color) {
    const double radius = std::min({2.0, r.width / 3, r.height / 3});
    if (radius < 1) return fill(r, color);
    constexpr double kQuarter = std::numbers::pi / 2;
    set(color);
    cairo_new_sub_path(context_.get());
    cairo_arc(context_.get(), r.x + r.width - radius, r.y + radius, radius, -kQuarter, 0);
    cairo_arc(context_.get(), r.x + r.width - radius, r.y + r.height - radius, radius, 0, kQuarter);
    cairo_arc(context_.get(), r.x + radius, r.y + r.height - radius, radius, kQuarter, 2 * kQuarter);
    cairo_arc(context_.get(), r.x + radius, r.y + radius, radius, 2 * kQuarter, 3 * kQuarter);
    cairo_close_path(context_.get());
    cairo_fill(context_.get());
  }

  /// Lines lie on whole pixels, so that they are sharp.
  void horizontal(double x0, double x1, double y, Color color) { fill({x0, std::round(y), x1 - x0, 1}, color); }
  void vertical(double x, double y0, double y1, Color color) { fill({std::round(x), y0, 1, y1 - y0}, color); }

  enum class Align { kLeft, kCentre, kRight };

  /// Text on the base line `y`.
  void text(const std::string& words, double x, double y, double size, Color color, Align align = Align::kLeft,
            bool bold = false) {
    cairo_select_font_face(context_.get(), "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                           bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(context_.get(), size);
    cairo_text_extents_t extents;
    cairo_text_extents(context_.get(), words.c_str(), &extents);
    if (align != Align::kLeft) x -= align == Align::kCentre ? extents.x_advance / 2 : extents.x_advance;
    set(color);
    cairo_move_to(context_.get(), std::round(x), y);
    cairo_show_text(context_.get(), words.c_str());
  }

  std::string png() {
    check();
    std::string bytes;
    const auto append = [](void* to, const unsigned char* data, unsigned size) {
      try {
        static_cast<std::string*>(to)->append(reinterpret_cast<const char*>(data), size);
        return CAIRO_STATUS_SUCCESS;
      } catch (const std::bad_alloc&) {
        return CAIRO_STATUS_NO_MEMORY;
      }
    };
    if (cairo_surface_write_to_png_stream(surface_.get(), append, &bytes) != CAIRO_STATUS_SUCCESS) {
      fail(ErrorCode::kOutOfMemory, "piano roll: no memory for the picture");
    }
    return bytes;
  }

 private:
  void set(Color c) { cairo_set_source_rgb(context_.get(), c.red, c.green, c.blue); }

  void check() const {
    if (const cairo_status_t status = cairo_status(context_.get()); status != CAIRO_STATUS_SUCCESS) {
      fail(ErrorCode::kOutOfMemory, "piano roll: {}", cairo_status_to_string(status));
    }
  }

  std::unique_ptr<cairo_surface_t, DestroySurface> surface_;
  std::unique_ptr<cairo_t, DestroyContext> context_;
};

using Align = Sheet::Align;

bool is_black_key(int pitch) {
  constexpr unsigned kBlack = 1u << 1 | 1u << 3 | 1u << 6 | 1u << 8 | 1u << 10;
  return (kBlack >> (pitch % 12) & 1) != 0;
}

void draw_head(Sheet& sheet, const PianoRollLayout& layout, const std::string& title) {
  constexpr double kLeft = 24, kBaseLine = 36;
  int n_notes = 0;
  for (const auto& instrument : layout.instruments) n_notes += instrument.n_notes;
  const std::size_t n = layout.instruments.size();
  sheet.text(printable_text(title.empty() ? "Piano roll" : title), kLeft, kBaseLine, 20, kText, Align::kLeft, true);
  sheet.text(fmt::format("{}  ·  {} note{}  ·  {} instrument{}", time_label(layout.duration_sec, 1), n_notes,
                         n_notes == 1 ? "" : "s", n, n == 1 ? "" : "s"),
             layout.right, kBaseLine, 13, kFaintText, Align::kRight);
  for (const auto& [name, color, programs, n_of_it, key] : layout.instruments) {
    sheet.fill_round(key, color);
    sheet.text(name, key.x + key.width + 7, key.y + key.height - 1.5, 12.5, kText);
  }
}

/// Seconds that a line shows; the last one may end before the right edge.
double line_length(const PianoRollLayout& layout, int line) {
  return std::min(layout.line_sec, layout.duration_sec - line * layout.line_sec);
}

void draw_times(Sheet& sheet, const PianoRollLayout& layout, int line, double bottom) {
  const double scale = layout.pixels_per_sec();
  const double start = line * layout.line_sec, end = start + line_length(layout, line);
  const double top = layout.line_top(line);
  const double major = time_label_step(scale, 84), minor = time_label_step(scale, 20);
  constexpr double kRounding = 1e-6;
  for (const auto& [step, color] : {std::pair{minor, kMinorTime}, std::pair{major, kMajorTime}}) {
    for (double k = std::ceil(start / step - kRounding); k * step <= end + kRounding; ++k) {
      sheet.vertical(layout.left + (k * step - start) * scale, top, bottom, color);
    }
  }
  for (double k = std::ceil(start / major - kRounding); k * major <= end + kRounding; ++k) {
    const double x = layout.left + (k * major - start) * scale;
    // The right edge has room for half a label only.
    const double inside = std::min(x, layout.right - 12);
    sheet.text(time_label(k * major, major), inside, bottom + 16, 11, kFaintText, Align::kCentre);
  }
}

void draw_grid(Sheet& sheet, const PianoRollLayout& layout, int line) {
  const double top = layout.line_top(line), pitches_bottom = top + layout.pitches_height();
  const double right = layout.left + line_length(layout, line) * layout.pixels_per_sec();
  const double bottom = layout.drums.empty() ? pitches_bottom : layout.drums_top(line) + layout.drums_height();
  for (int pitch = layout.lowest_pitch; pitch <= layout.highest_pitch; ++pitch) {
    const double y = top + (layout.highest_pitch - pitch) * layout.semitone_height;
    if (is_black_key(pitch)) sheet.fill({layout.left, y, right - layout.left, layout.semitone_height}, kBlackKeys);
  }
  for (std::size_t i = 0; i < layout.drums.size(); i += 2) {
    const double y = layout.drums_top(line) + static_cast<double>(i) * layout.lane_height;
    sheet.fill({layout.left, y, right - layout.left, layout.lane_height}, kLaneStripe);
  }
  draw_times(sheet, layout, line, bottom);

  const double label_size = layout.n_lines == 1 ? 11 : 10;
  for (int pitch = layout.lowest_pitch; pitch <= layout.highest_pitch; ++pitch) {
    if (pitch % 12 != 0) continue;
    const double y = top + (layout.highest_pitch - pitch + 1) * layout.semitone_height - 1;
    sheet.horizontal(layout.left, right, y, kOctave);
    sheet.text(fmt::format("C{}", pitch / 12 - 1), layout.left - 8,
               y - layout.semitone_height / 2 + 0.36 * label_size + 1, label_size, kText, Align::kRight);
  }
  for (std::size_t i = 0; i < layout.drums.size(); ++i) {
    const double y = layout.drums_top(line) + static_cast<double>(i + 1) * layout.lane_height;
    sheet.text(layout.drums[i].name, layout.left - 8, y - layout.lane_height * 0.25, layout.n_lines == 1 ? 10.5 : 9,
               kFaintText, Align::kRight);
  }
  sheet.horizontal(layout.left, right, pitches_bottom, kFrame);
  if (!layout.drums.empty()) {
    sheet.horizontal(layout.left, right, layout.drums_top(line) - 1, kFrame);
    sheet.horizontal(layout.left, right, bottom, kFrame);
  }
  sheet.vertical(layout.left - 1, top, bottom + 1, kFrame);
}

void draw_note(Sheet& sheet, const PianoRollLayout& layout, const Note& note, Color color) {
  const std::vector<Rectangle> pieces = layout.rectangles(note);
  for (const Rectangle& piece : pieces) sheet.fill_round(piece, color);
  // A darker edge shows where a note begins, also among repetitions.
  constexpr double kEdge = 1.5, kWideEnough = 6;
  if (!note.is_drum && pieces.front().width >= kWideEnough) {
    const Rectangle& first = pieces.front();
    sheet.fill_round({first.x, first.y, kEdge, first.height}, {color.red * 0.6, color.green * 0.6, color.blue * 0.6});
  }
}

}  // namespace

std::string piano_roll_png(std::span<const Note> notes, const PianoRollOptions& options) {
  const PianoRollLayout layout = lay_out_piano_roll(notes, options);
  Sheet sheet(layout.width, layout.height);
  draw_head(sheet, layout, options.title);
  for (int line = 0; line < layout.n_lines; ++line) draw_grid(sheet, layout, line);

  // Long notes first, so that short ones are not hidden below them.
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < notes.size(); ++i) {
    if (layout.instrument_of(notes[i]) >= 0) order.push_back(i);
  }
  const auto length = [&](std::size_t i) {
    const double sec = notes[i].offset_sec - notes[i].onset_sec;
    return std::isfinite(sec) ? sec : 0.0;
  };
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return length(a) > length(b); });
  for (const std::size_t i : order) {
    const auto instrument = static_cast<std::size_t>(layout.instrument_of(notes[i]));
    draw_note(sheet, layout, notes[i], layout.instruments[instrument].color);
  }
  if (order.empty()) {
    sheet.text("No notes were found.", (layout.left + layout.right) / 2,
               layout.line_top(0) + layout.pitches_height() / 2, 18, kFaintText, Align::kCentre);
  }
  return sheet.png();
}

void draw_piano_roll(std::span<const Note> notes, const PianoRollOptions& options, const std::filesystem::path& path,
                     AtomicFile::Existing existing) {
  write_file_atomically(path, piano_roll_png(notes, options), existing);
}

}  // namespace yourmt3
