#pragma once

#include <string>
#include <string_view>

#include "train/trainer.h"

namespace yourmt3 {

/// One line on standard error that is written anew on a terminal, and one line after the other elsewhere.
class ProgressText {
 public:
  ProgressText();
  ~ProgressText();
  ProgressText(const ProgressText&) = delete;
  ProgressText& operator=(const ProgressText&) = delete;

  /// `name` of the run, where there are several.
  void show(const TrainingProgress& now, std::string_view name = {});
  void say(std::string_view text);

 private:
  bool terminal_;
  bool open_ = false;
};

}  // namespace yourmt3
