#include "data/compose_store.h"

#include "core/fail.h"
#include "data/render_dataset.h"

namespace yourmt3 {

void compose_store(const ComposeStoreOptions& options, const LogSink& log, const ProgressCallback& progress) {
  if (options.tracks < 1) fail(ErrorCode::kInvalidArgument, "cannot compose {} tracks", options.tracks);
  RenderOptions render;
  render.output = options.output;
  for (const auto& font : options.fonts) {
    if (!std::filesystem::exists(font)) fail(ErrorCode::kNotFound, "{}: no such sound font", font.string());
    render.sounds.fonts.push_back({font});
  }
  if (options.fonts.empty()) render.sounds.tones_weight = 1;
  render.practice_share = options.practice_share;
  render.tracks = options.tracks;
  render.validation_tracks = options.validation_tracks;
  render.shortest_sec = options.seconds;
  render.longest_sec = options.seconds;
  render.id_prefix = "c";
  render.seed = options.seed;
  render.threads = options.threads;
  render.max_parts = options.max_parts;
  render.min_gap_sec = options.min_gap_sec;
  render.lines = options.lines;
  render.unannotated_share = options.unannotated_share;
  render_dataset(render, log, progress);
}

}  // namespace yourmt3
