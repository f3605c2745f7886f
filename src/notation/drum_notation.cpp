#include "notation/drum_notation.h"

#include <map>

namespace yourmt3 {

DrumSymbol drum_symbol(int key) {
  static const std::map<int, DrumSymbol> symbols = {
      {22, {{'G', 0, 5}, "x", "Closed Hi-Hat"}},
      {26, {{'G', 0, 5}, "circle-x", "Open Hi-Hat"}},
      {35, {{'E', 0, 4}, "normal", "Acoustic Bass Drum", true}},
      {36, {{'F', 0, 4}, "normal", "Bass Drum", true}},
      {37, {{'C', 0, 5}, "x", "Side Stick"}},
      {38, {{'C', 0, 5}, "normal", "Snare Drum"}},
      {39, {{'C', 0, 5}, "triangle", "Hand Clap"}},
      {40, {{'C', 0, 5}, "diamond", "Electric Snare"}},
      {41, {{'G', 0, 4}, "normal", "Low Floor Tom"}},
      {42, {{'G', 0, 5}, "x", "Closed Hi-Hat"}},
      {43, {{'A', 0, 4}, "normal", "High Floor Tom"}},
      {44, {{'D', 0, 4}, "x", "Pedal Hi-Hat", true}},
      {45, {{'B', 0, 4}, "normal", "Low Tom"}},
      {46, {{'G', 0, 5}, "circle-x", "Open Hi-Hat"}},
      {47, {{'D', 0, 5}, "normal", "Low-Mid Tom"}},
      {48, {{'E', 0, 5}, "normal", "High-Mid Tom"}},
      {49, {{'A', 0, 5}, "x", "Crash Cymbal 1"}},
      {50, {{'F', 0, 5}, "normal", "High Tom"}},
      {51, {{'F', 0, 5}, "x", "Ride Cymbal 1"}},
      {52, {{'B', 0, 5}, "circle-x", "Chinese Cymbal"}},
      {53, {{'F', 0, 5}, "diamond", "Ride Bell"}},
      {54, {{'E', 0, 5}, "triangle", "Tambourine"}},
      {55, {{'B', 0, 5}, "diamond", "Splash Cymbal"}},
      {56, {{'E', 0, 5}, "x", "Cowbell"}},
      {57, {{'B', 0, 5}, "x", "Crash Cymbal 2"}},
      {58, {{'D', 0, 5}, "x", "Mid Tom (Rim)"}},
      {59, {{'F', 0, 5}, "circle-x", "Ride Cymbal 2"}},
  };
  const auto found = symbols.find(key);
  return found != symbols.end() ? found->second : DrumSymbol{{'B', 0, 4}, "x", "Percussion"};
}

}  // namespace yourmt3
