#include "transcribe/group_prior.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace yourmt3 {
namespace {

/// `n` notes of three groups.
std::vector<float> notes(int n, std::vector<float> logits) {
  std::vector<float> all;
  for (int i = 0; i < n; ++i) all.insert(all.end(), logits.begin(), logits.end());
  return all;
}

TEST(GroupPrior, KnowsNothingAtFirst) {
  EXPECT_EQ(GroupPrior(3, 1.f).update({}), (std::vector<float>{0, 0, 0}));
}

TEST(GroupPrior, WhoeverPlaysManyNotesIsExpectedToPlayMore) {
  GroupPrior prior(3, 1.f);
  const auto offsets = prior.update(notes(50, {0, 5, -5}));
  EXPECT_EQ(offsets[1], 0.f);
  EXPECT_LT(offsets[0], -1.f);
  EXPECT_LT(offsets[2], offsets[0]) << "never a candidate";
}

TEST(GroupPrior, ADoubtfulNoteIsGivenToWhoPlaysAnyway) {
  GroupPrior prior(3, 1.f);
  prior.update(notes(30, {-5, 0, 4}));
  const auto offsets = prior.update(notes(1, {0.5f, -5, 0}));
  EXPECT_LT(0.5f + offsets[0], offsets[2]);
  const auto sure = prior.update(notes(20, {9, -5, 0}));
  EXPECT_GT(9 + sure[0], sure[2]) << "what many notes say for certain is believed";
}

TEST(GroupPrior, WhatWasLongAgoFades) {
  GroupPrior prior(3, 1.f);
  prior.update(notes(50, {9, 0, 0}));
  float last = prior.update({})[1];
  EXPECT_LT(last, -1.f);
  for (int segment = 0; segment < 60; ++segment) {
    const float now = prior.update({})[1];
    EXPECT_GE(now, last);
    last = now;
  }
  EXPECT_GT(last, -0.1f);
}

TEST(GroupPrior, CountsAsMuchAsItsWeight) {
  const auto sure = notes(50, {40, 0, 0});  // So sure that what is added changes no share.
  const auto once = GroupPrior(3, 1.f).update(sure), twice = GroupPrior(3, 2.f).update(sure);
  for (std::size_t g = 0; g < 3; ++g) EXPECT_NEAR(twice[g], 2 * once[g], 1e-4f);
  EXPECT_EQ(GroupPrior(3, 0.f).update(sure), (std::vector<float>{0, 0, 0}));
}

}  // namespace
}  // namespace yourmt3
