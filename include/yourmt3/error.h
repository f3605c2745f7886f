#pragma once

#include <stdexcept>
#include <string>

#include "yourmt3/export.h"

namespace yourmt3 {

/// What went wrong, coarse enough to decide what to do about it.
enum class ErrorCode {
  kInvalidArgument,  ///< A value given by the caller is out of range.
  kNotFound,         ///< A file, tensor or name does not exist.
  kIo,               ///< Reading or writing failed: permissions, disk full, broken pipe.
  kMalformed,        ///< Bytes that do not follow their format.
  kUnsupported,      ///< A format or option that this build does not handle.
  kOutOfMemory,
  kCancelled,  ///< The caller's callback or signal asked to stop.
};

/// The one exception of the library. `what()` says where, what was found, what was expected and what to do.
class YOURMT3_API Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message);
  ~Error() override;
  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

/// Stable lower-case name, such as "invalid_argument".
YOURMT3_API const char* to_string(ErrorCode code);

}  // namespace yourmt3
