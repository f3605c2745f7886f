#pragma once

/// Marks what libyourmt3.so exports; everything else is hidden.
#define YOURMT3_API __attribute__((visibility("default")))
