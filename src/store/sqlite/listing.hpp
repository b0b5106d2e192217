#pragma once

/// @file
/// Lists and counts jobs by a filter, without looking at more of them than it must.

#include <cstdint>
#include <string>
#include <vector>

#include "periodic/job_store.hpp"
#include "store/sqlite/database.hpp"

namespace periodic::sqlite {

/// One filter, asked once.
///
/// What a filter names leads to stretches of an index: the jobs of one value on one shelf, in order
/// of id. A page is merged from the newest of each stretch, so that a state or a value that hardly
/// any job has costs no more than one that all have. Where a filter names several values, one leads
/// and the others are looked up in the jobs.
class Listing {
public:
    Listing(Database& database, const JobFilter& filter);

    /// The ids of the page, in its order.
    [[nodiscard]] std::vector<JobId> page();
    /// How many jobs match, whatever the page.
    [[nodiscard]] std::int64_t count();

private:
    /// Ids between two others.
    struct Range {
        JobId above = 0;
        JobId below = 0;
    };
    /// What leads: the primary key, the values of one column, the pairs of topic and task, or,
    /// where only running jobs are asked for, those.
    enum class Lead : std::uint8_t { Id, Column, Series };

    void choose_lead();
    void choose_shelves();
    void add_terms();
    void add_term(const std::string& term);
    void add_equal(const std::string& column, const std::string& value);
    void add_in(const std::string& column, const std::string& comparison,
                const std::vector<std::int64_t>& values);

    [[nodiscard]] std::vector<Range> ranges(bool with_cursor);
    void cut_by_created(Range whole, std::vector<Range>& ranges);
    [[nodiscard]] bool asks_for(JobState state) const noexcept;

    /// Carries out `action(statement)` for each stretch, bound but for the ids' range.
    template <class Action>
    void each_stretch(const std::string& select, const std::string& order, const Action& action);
    template <class Action>
    void each_series(const Action& action);
    [[nodiscard]] Statement prepare(const std::string& select, const std::string& from,
                                    const std::string& order);

    void collect(Statement& rows, Range range, std::vector<JobId>& found);
    void keep_best(std::vector<JobId>& found) const;

    Database& database_;
    const JobFilter& filter_;
    std::size_t limit_;
    Lead lead_ = Lead::Id;
    std::string index_{};   ///< of the column that leads
    std::string column_{};  ///< that leads
    std::string value_{};
    std::vector<std::int64_t> shelves_{};
    bool only_queued_ = false;    ///< of the shelf of the unfinished
    bool running_apart_ = false;  ///< without what else is on their shelf
    std::string terms_{};         ///< what is looked up in the jobs
    std::vector<std::string> texts_{};
};

/// The topics of all jobs, and the tasks of all jobs of a topic.
[[nodiscard]] std::vector<std::string> read_topics(Database& database);
[[nodiscard]] std::vector<std::string> read_tasks(Database& database, const std::string& topic);

}  // namespace periodic::sqlite
