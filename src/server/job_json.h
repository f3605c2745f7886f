#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "server/jobs.h"

namespace yourmt3 {

/// A job as the API shows it; docs/openapi.json has the members.
nlohmann::json job_to_json(const JobStatus& status);

/// {"notes": […]} with notes as in files of notes, less what can be told from the program.
nlohmann::json found_notes_to_json(std::span<const Note> notes);

/// Unix time as "2026-11-27T05:17:21.250Z".
std::string time_text(double unix_sec);

}  // namespace yourmt3
