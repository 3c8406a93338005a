#pragma once

#include <vector>

#include "core/setup/question.h"

// Private to question.cpp: the questions, a file for each part.
namespace sonde {

/// host, network, management, time: the machine underneath.
std::vector<Question> machine_questions();
/// site, engines, administrator, data.
std::vector<Question> node_questions();

}  // namespace sonde
