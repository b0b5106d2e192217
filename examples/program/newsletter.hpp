#pragma once

#include "periodic/command.hpp"

/// app.newsletter: long work cut into slices, for hosts that allow only short ones.
periodic::CommandType newsletter();
