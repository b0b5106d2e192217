#pragma once

/// @file
/// `var/reserve`: space that is kept free for the results of what runs when the disk fills.

#include <string>

namespace periodic {

/// A file of 1 MiB, allocated beforehand. Used by one thread.
class Reserve {
public:
    explicit Reserve(std::string path) : path_(std::move(path)) {}

    /// Allocates the file if it is missing or too short. On a full disk there is none; that is no
    /// error, as there is nothing to give up then either.
    void restore() noexcept;

    /// Frees the space. The next `restore` makes it anew.
    void give_up() noexcept;

private:
    std::string path_;
};

}  // namespace periodic
