#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "transcribe/grammar.h"

namespace yourmt3::testing {

/// One flag for each token: may it follow `before`?
inline std::vector<std::uint8_t> allowed_after(const Grammar& grammar, const std::vector<std::int32_t>& before,
                                               int channel) {
  GrammarState state = grammar.start();
  for (const std::int32_t token : before) grammar.advance(state, token);
  std::vector<std::uint8_t> allowed(static_cast<std::size_t>(grammar.task().vocabulary.size()));
  grammar.allowed_tokens(state, channel, allowed);
  return allowed;
}

/// Tokens drawn evenly from those that are allowed, until EOS; empty when none is allowed at some point, or when there
/// seems to be no end.
inline std::vector<std::int32_t> random_walk(const Grammar& grammar, int channel, std::mt19937& random) {
  std::vector<std::int32_t> tokens, choices;
  GrammarState state = grammar.start();
  std::vector<std::uint8_t> allowed(static_cast<std::size_t>(grammar.task().vocabulary.size()));
  while (tokens.size() < 100000) {
    grammar.allowed_tokens(state, channel, allowed);
    choices.clear();
    for (std::size_t id = 0; id < allowed.size(); ++id) {
      if (allowed[id] != 0) choices.push_back(static_cast<std::int32_t>(id));
    }
    if (choices.empty()) return {};
    tokens.push_back(choices[random() % choices.size()]);
    if (tokens.back() == kEosId) return tokens;
    grammar.advance(state, tokens.back());
  }
  return {};
}

}  // namespace yourmt3::testing
