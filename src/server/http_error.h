#pragma once

#include <stdexcept>
#include <string>

namespace yourmt3 {

/// A request that cannot be answered as wished.
class HttpError : public std::runtime_error {
 public:
  HttpError(int status, const std::string& message) : std::runtime_error(message), status_(status) {}
  int status() const { return status_; }

 private:
  int status_;
};

}  // namespace yourmt3
