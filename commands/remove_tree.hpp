#pragma once

/// @file
/// Removing a file, a link, or a directory with all that is in it.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "file_tree.hpp"
#include "periodic/command.hpp"

namespace periodic::commands {

/// Removes trees. Links are removed, never followed. The home, and every directory above it, stays.
/// What can't be removed is an error in the job's log, and the rest goes on.
class TreeRemover {
public:
    /// With a pattern only what has a matching base name goes, a directory with all in it.
    explicit TreeRemover(CommandContext& context, std::optional<std::string> pattern = {});

    void remove(const Entry& entry);

    /// Whether something that was to go is still there, or the attempt was to end.
    [[nodiscard]] bool failed() const noexcept { return failed_; }
    [[nodiscard]] std::int64_t removed() const noexcept { return removed_; }

private:
    /// A directory of which everything goes: what is nested too deep below it is lifted up into it.
    struct Doomed {
        int directory = -1;
        int depth = 0;
    };

    [[nodiscard]] bool matches(const std::string& name) const;
    [[nodiscard]] bool stopped();
    [[nodiscard]] bool is_protected(const struct stat& status) const;
    void visit(const Entry& entry, bool all, const Doomed* above, int depth);
    void visit_directory(const Entry& entry, bool all, const Doomed* above, int depth);
    void lift(const Entry& entry, const Doomed* above, int depth);
    void note_failure(const Entry& entry, const std::string& why);

    CommandContext& context_;
    std::optional<std::string> pattern_;
    std::vector<Identity> protected_;
    std::int64_t removed_ = 0;
    std::int64_t lifted_ = 0;
    bool failed_ = false;
};

/// The home and every directory above it.
[[nodiscard]] std::vector<Identity> directories_to(const std::string& home);

}  // namespace periodic::commands
