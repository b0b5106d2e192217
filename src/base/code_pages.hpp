#pragma once

/// @file
/// The pages of a program's file in memory.

namespace periodic {

/// Takes all pages of code and constants out of this process's memory: what is run again comes back
/// from the page cache, at a microsecond a page. For who lives long, once its start is over: most
/// of what that needed is never run again. Any thread may go on meanwhile.
void let_go_of_code() noexcept;

}  // namespace periodic
