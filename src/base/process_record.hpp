#pragma once

/// @file
/// The file in which every started program puts itself on record before it is executed, so that
/// whoever comes after a killed executor can end what it left.
///
/// Lines of 128 bytes: `JOB.CLAIM PID START_TICKS BOOT_ID SESSION`, padded with blanks; a free slot
/// is blank. The file survives a killed process, not a power cut, after which nothing runs anyway.

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/descriptor.hpp"
#include "base/process_table.hpp"
#include "periodic/process_launcher.hpp"

namespace periodic {

/// A process that was found on record.
struct RecordedProcess {
    std::int64_t job = 0;
    std::int64_t claim = 0;
    ProcessIdentity process{};
    std::optional<std::int64_t> session{};  ///< none in the record of an earlier version

    friend bool operator==(const RecordedProcess&, const RecordedProcess&) = default;
};

/// A record being written. Slots may be taken and freed by any thread.
///
///     ProcessRecord record(state + "/processes.12");
///     const ProcessRecord::Slot slot = record.take();
///     launcher.start({..., .record_fd = slot.fd(), .record_offset = slot.offset(),
///                     .record_label = record_label(job, claim)});
class ProcessRecord {
public:
    /// One line's place; freed, and blank again, when it goes. The record must outlive it.
    class Slot {
    public:
        Slot(Slot&& other) noexcept : record_(other.record_), index_(other.index_) {
            other.record_ = nullptr;
        }
        Slot(const Slot&) = delete;
        Slot& operator=(const Slot&) = delete;
        ~Slot();

        [[nodiscard]] int fd() const noexcept { return record_->file_.get(); }
        [[nodiscard]] std::int64_t offset() const noexcept;

    private:
        friend class ProcessRecord;
        Slot(ProcessRecord& record, std::size_t index) noexcept : record_(&record), index_(index) {}

        ProcessRecord* record_;
        std::size_t index_;
    };

    /// Makes the file (mode 0600), replacing an old one, with room for `slots` allocated on disk.
    /// Throws std::system_error, naming the file.
    explicit ProcessRecord(std::string path, std::size_t slots = 32);

    /// A free slot; the file grows when there is none. Throws std::system_error if it can't, so
    /// that on a full disk nothing starts.
    [[nodiscard]] Slot take();

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    void allocate(std::size_t slots);
    void free(std::size_t index) noexcept;

    std::string path_;
    Descriptor file_;
    std::mutex mutex_;
    std::vector<std::size_t> free_;  // the lowest last
    std::size_t slots_ = 0;
};

/// What `ProcessSpec::record_label` says of a job.
[[nodiscard]] std::string record_label(std::int64_t job, std::int64_t claim);

/// The processes on record in a file, also one whose writer was killed in the middle of a line:
/// what is no line of ours is left out. A missing file has none. Throws std::system_error if it
/// can't be read.
[[nodiscard]] std::vector<RecordedProcess> read_process_record(const std::string& path);

/// Those of one claim of a job.
[[nodiscard]] std::vector<GroupLeader> leaders_of(std::span<const RecordedProcess> recorded,
                                                  std::int64_t job, std::int64_t claim);

}  // namespace periodic
