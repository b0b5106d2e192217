#pragma once

/// @file
/// The parts of `periodic.xml` that have a source of their own.

#include "periodic/configuration.hpp"
#include "task/element_reader.hpp"
#include "task/findings.hpp"

namespace periodic {

/// One `<notify>`.
void read_notify(const ConfigElement& element, Configuration& configuration, Findings& findings);

/// `<workers>` with its pools.
void read_workers(const ConfigElement& element, Configuration& configuration, Findings& findings);

}  // namespace periodic
