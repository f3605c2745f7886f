#pragma once

namespace yourmt3::cli {

/// The whole program: reads the command line, runs the verb, prints errors. Returns the exit status: 0 done, 1 failed,
/// 2 wrong usage, 128 + signal when interrupted.
int run_program(int argc, char** argv);

}  // namespace yourmt3::cli
