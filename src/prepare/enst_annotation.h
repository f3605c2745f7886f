#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "yourmt3/note.h"

namespace yourmt3 {

/// The drum hits in an annotation of ENST-Drums: lines of seconds and a label, such as "0.204331 bd". All but letters
/// is taken off a label first ("rc2", "sd-"), more fields are ignored. Hits last 10 ms. `name` stands for the text in
/// messages. Throws Error(kMalformed) that names the line of a label that is not in the table of labels and of a time
/// that is none.
///
/// Labels that General MIDI has no drum for have keys of their own: 0 sweep, 1 sticks, 2 rim shot, 3 other cymbal.
/// Source: spec of the reference, data sets, 1.
std::vector<Note> parse_enst_annotation(std::string_view text, const std::string& name);

}  // namespace yourmt3
