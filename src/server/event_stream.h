#pragma once

#include <httplib.h>

#include <string>

#include "server/jobs.h"

namespace yourmt3 {

/// Answers with what happens to a job, as server-sent events, until it has come to an end: `progress` with the job,
/// `notes` with notes that were found, and at last `end` with the job. Somebody who comes late is told everything.
/// Throws Error(kNotFound) for an unknown job. `on_close` is called when nothing more is sent.
void answer_with_events(httplib::Response& response, const Jobs& jobs, const std::string& id,
                        std::function<void()> on_close);

}  // namespace yourmt3
