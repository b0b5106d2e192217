#pragma once

/// @file
/// Copying a file, a link, or a directory with all that is in it.

#include <cstdint>
#include <optional>

#include "file_tree.hpp"
#include "periodic/command.hpp"

namespace periodic::commands {

/// Copies trees. A link below the source is copied as a link, permissions are kept (but for
/// set-user and set-group bits), and nothing at the destination is ever overwritten: directories
/// that are there are copied into.
class TreeCopier {
public:
    enum class Keep : std::uint8_t {
        Permissions,
        Everything,  ///< owner, group and times too, as far as the system allows
    };

    TreeCopier(CommandContext& context, Keep keep) : context_(context), keep_(keep) {}

    /// `depth` levels, the source itself being the first; negative: all.
    void copy(const Entry& source, const Entry& destination, std::int64_t depth);

    /// Copies all; a source that is a link is copied as one, too.
    void copy_link_itself(const Entry& source, const Entry& destination);

    /// Something could not be read or was there already; each is a warning in the job's log.
    [[nodiscard]] bool skipped() const noexcept { return skipped_; }
    /// The destination could not be written, the source is nested too deep, or the attempt was to
    /// end: the copy is not whole.
    [[nodiscard]] bool failed() const noexcept { return failed_ || incomplete_; }
    [[nodiscard]] std::int64_t copied() const noexcept { return copied_; }

private:
    void visit(const Entry& source, const Entry& destination, std::int64_t depth, int level);
    void copy_directory(const Entry& source, const Entry& destination, std::int64_t depth,
                        int level);
    [[nodiscard]] Handle make_directory(const Entry& destination, bool& is_new);
    void copy_file(const Entry& source, const Entry& destination, int level);
    [[nodiscard]] bool copy_bytes(int from, int to, const Entry& destination);
    void copy_link(const Entry& source, const Entry& destination);
    void finish(int copy, const struct stat& status, const Entry& destination);
    void skip(const std::string& what, const std::string& why);
    void skip_unreadable(const Entry& source, int error);
    void fail(const Entry& destination, const std::string& why);
    [[nodiscard]] bool stopped();
    /// Whether a link at this level of the source is followed.
    [[nodiscard]] bool follows(int level) const noexcept { return follow_source_ && level == 0; }

    CommandContext& context_;
    Keep keep_;
    bool follow_source_ = true;
    std::optional<Identity> root_;  ///< the destination, which a walk of the source must not enter
    std::int64_t copied_ = 0;
    bool skipped_ = false;
    bool incomplete_ = false;  ///< something could not be reached; the rest goes on
    bool failed_ = false;
};

}  // namespace periodic::commands
