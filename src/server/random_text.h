#pragma once

#include <string>

namespace yourmt3 {

/// `n_bytes` bytes that nobody can guess, as twice as many hexadecimal digits. Throws Error(kIo).
std::string random_hex(int n_bytes);

}  // namespace yourmt3
