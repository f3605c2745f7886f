#pragma once

#include <string_view>

#include "prepare/data_set.h"

namespace yourmt3 {

/// One performance as maestro-v*.json has it.
struct MaestroRecording {
  std::string midi_file;   ///< Below the folder of the data set.
  std::string audio_file;  ///< The same.
  std::string split;
  double duration_sec = 0;
};

/// The performances in the text of a maestro-v*.json: columns by row number (version 3) or a list of rows (version 2).
/// `name` stands for the text in messages. Throws Error(kMalformed) for what is none.
std::vector<MaestroRecording> parse_maestro_table(std::string_view text, std::string_view name);

/// MAESTRO: piano performances with what the piano recorded of its keys and pedals.
class MaestroDataSet : public DataSet {
 public:
  std::string name() const override { return "maestro"; }
  std::string title() const override { return "MAESTRO"; }
  std::string licence() const override { return "CC BY-NC-SA 4.0"; }
  std::string layout() const override;
  std::vector<std::string> lists() const override { return {"train", "validation", "test", "all"}; }
  DataSetPlan plan(const std::filesystem::path& source, const DataSetOptions& options) const override;
};

}  // namespace yourmt3
