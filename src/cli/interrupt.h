#pragma once

namespace yourmt3::cli {

/// From now on the first SIGINT, SIGTERM or SIGHUP is only noted; a second one ends the program at once.
void catch_interrupts();

bool interrupted();

/// 128 + the signal's number: 130 for Ctrl-C.
int interrupt_status();

}  // namespace yourmt3::cli
