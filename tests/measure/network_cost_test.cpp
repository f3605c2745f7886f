#include "measure/network_cost.h"

#include <gtest/gtest.h>

namespace yourmt3 {
namespace {

// Multiply-adds counted by hand from the shapes of the published networks, in units of 1e9 (1e6 for tokens).

void expect_multiply_adds(double operations, double expected, double unit = 1e9) {
  EXPECT_NEAR(operations / 2 / unit, expected, 0.006 * expected);
}

TEST(NetworkCost, OfTheLargestPublishedNetwork) {
  const NetworkCost cost = network_cost(published_config("yptf-moe-multi-ps"));
  expect_multiply_adds(cost.pre_encoder, 41.67);
  expect_multiply_adds(cost.encoder, 1.95 + 8.00 + 8.37);
  expect_multiply_adds(cost.pre_decoder, 0.187);
  expect_multiply_adds(13 * cost.row_start, 4.50);
  expect_multiply_adds(13 * cost.token, 299, 1e6);
  expect_multiply_adds(13 * (cost.token + 255 * cost.earlier_token), 320, 1e6);
}

TEST(NetworkCost, OfPerceiverTfWithoutExperts) {
  const NetworkCost cost = network_cost(published_config("yptf-single-nops"));
  expect_multiply_adds(cost.encoder, 1.90 + 1.65 + 2.00);
  expect_multiply_adds(cost.pre_decoder, 0.173);
  expect_multiply_adds(cost.row_start, 0.346);
}

TEST(NetworkCost, OfT5) {
  const NetworkCost cost = network_cost(published_config("ymt3plus"));
  EXPECT_EQ(cost.pre_encoder, 0);
  EXPECT_EQ(cost.pre_decoder, 0);
  expect_multiply_adds(cost.encoder, 5.23);
  expect_multiply_adds(cost.row_start, 0.805);
  expect_multiply_adds(cost.token, 23.9, 1e6);
}

}  // namespace
}  // namespace yourmt3
