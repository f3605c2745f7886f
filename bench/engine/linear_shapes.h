#pragma once

// Rows, outputs and inputs of products of the largest network, and a number of threads: a temporal layer's queries, keys
// and values; an expert; a decoding step of 64 rows; one row.
#define LINEAR_SHAPES(threads)         \
  Args({2860, 384, 128, threads})      \
      ->Args({715, 512, 128, threads}) \
      ->Args({64, 1152, 512, threads}) \
      ->Args({64, 512, 1024, threads}) \
      ->Args({1, 1152, 512, threads})
