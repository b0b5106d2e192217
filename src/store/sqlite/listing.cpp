#include "store/sqlite/listing.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <set>

#include "store/sqlite/row.hpp"

namespace periodic::sqlite {
namespace {

// The parameters that every stretch has; the texts of the terms come after them.
constexpr int kAbove = 1;
constexpr int kBelow = 2;
constexpr int kLimit = 3;
constexpr int kShelf = 4;
constexpr int kValue = 5;
constexpr int kTask = 6;
constexpr int kFirstText = 7;

constexpr JobId kBeyond = std::numeric_limits<JobId>::max();

std::string number(std::int64_t value) {
    return std::to_string(value);
}

std::int64_t milliseconds(Time time) {
    return time.time_since_epoch().count();
}

// The next text in SQLite's order of bytes.
std::string after(std::string text) {
    text.push_back('\0');
    return text;
}

}  // namespace

std::vector<std::string> read_topics(Database& database) {
    std::vector<std::string> topics;
    for (std::string from;;) {
        auto row = database.query(
            "SELECT topic FROM job INDEXED BY job_shelf WHERE topic >= ?1 ORDER BY topic LIMIT 1",
            from);
        if (!row.step()) return topics;
        topics.push_back(row.text(0));
        from = after(topics.back());
    }
}

std::vector<std::string> read_tasks(Database& database, const std::string& topic) {
    std::vector<std::string> tasks;
    for (std::string from;;) {
        auto row = database.query(
            "SELECT task FROM job INDEXED BY job_shelf WHERE topic = ?1 AND task >= ?2"
            " ORDER BY task LIMIT 1",
            topic, from);
        if (!row.step()) return tasks;
        tasks.push_back(row.text(0));
        from = after(tasks.back());
    }
}

Listing::Listing(Database& database, const JobFilter& filter)
    : database_(database),
      filter_(filter),
      limit_(static_cast<std::size_t>(std::clamp(filter.limit, 1, 10'000))) {
    choose_lead();
    choose_shelves();
    add_terms();
}

bool Listing::asks_for(JobState state) const noexcept {
    return filter_.states.empty() ||
           std::find(filter_.states.begin(), filter_.states.end(), state) != filter_.states.end();
}

// The first that a filter names is likely to be what fewest jobs have.
void Listing::choose_lead() {
    if (!filter_.ids.empty()) return;
    const auto lead = [this](const char* index, const char* column, const std::string& value) {
        if (lead_ != Lead::Id || value.empty()) return;
        lead_ = Lead::Column;
        index_ = index;
        column_ = column;
        value_ = value;
    };
    lead("job_by_key", "key", filter_.key);
    lead("job_by_group", "group_name", filter_.group);
    lead("job_by_phase", "phase", filter_.phase);
    if (lead_ != Lead::Id) return;
    if (!filter_.task.empty() || !filter_.topic.empty() || !filter_.states.empty()) {
        lead_ = Lead::Series;
    }
}

void Listing::choose_shelves() {
    if (lead_ == Lead::Id) return;
    running_apart_ = !asks_for(JobState::Queued) && asks_for(JobState::Running);
    only_queued_ = asks_for(JobState::Queued) && !asks_for(JobState::Running);
    for (int i = 0; i <= static_cast<int>(JobState::Skipped); ++i) {
        const auto state = static_cast<JobState>(i);
        if (state != JobState::Running && asks_for(state)) shelves_.push_back(shelf_of(state));
    }
}

void Listing::add_terms() {
    if (column_ != "key") add_equal("key", filter_.key);
    if (column_ != "group_name") add_equal("group_name", filter_.group);
    if (column_ != "phase") add_equal("phase", filter_.phase);
    if (lead_ != Lead::Series) add_equal("topic", filter_.topic);
    if (lead_ != Lead::Series) add_equal("task", filter_.task);
    if (lead_ == Lead::Id) {
        std::vector<std::int64_t> states;
        for (const JobState state : filter_.states)
            states.push_back(static_cast<std::int64_t>(state));
        add_in("state", "IN", states);
    }
    add_in("id", "IN", filter_.ids);
    add_in("id", "NOT IN", filter_.not_ids);
    if (filter_.created_before) {
        add_term("created < " + number(milliseconds(*filter_.created_before)));
    }
    if (filter_.created_after) {
        add_term("created > " + number(milliseconds(*filter_.created_after)));
    }
}

void Listing::add_term(const std::string& term) {
    terms_ += " AND " + term;
}

void Listing::add_equal(const std::string& column, const std::string& value) {
    if (value.empty()) return;
    add_term(column + " = ?" + number(kFirstText + static_cast<int>(texts_.size())));
    texts_.push_back(value);
}

void Listing::add_in(const std::string& column, const std::string& comparison,
                     const std::vector<std::int64_t>& values) {
    if (values.empty()) return;
    std::string list;
    for (const std::int64_t value : values) {
        if (!list.empty()) list += ',';
        list += number(value);
    }
    add_term(column + ' ' + comparison + " (" + list + ')');
}

// In the order of the page.
std::vector<Listing::Range> Listing::ranges(bool with_cursor) {
    Range whole{0, kBeyond};
    if (filter_.above) whole.above = std::max(whole.above, *filter_.above);
    if (filter_.below) whole.below = std::min(whole.below, *filter_.below);
    if (with_cursor && filter_.after) whole.above = std::max(whole.above, *filter_.after);
    if (with_cursor && filter_.before) whole.below = std::min(whole.below, *filter_.before);
    std::vector<Range> ranges;
    if (filter_.created_before || filter_.created_after) {
        cut_by_created(whole, ranges);
    } else {
        ranges.push_back(whole);
    }
    if (filter_.newest_first) std::reverse(ranges.begin(), ranges.end());
    return ranges;
}

// Leaves out the blocks of ids in which no job was created at such a time.
void Listing::cut_by_created(Range whole, std::vector<Range>& ranges) {
    const auto least = std::numeric_limits<std::int64_t>::min();
    const auto most = std::numeric_limits<std::int64_t>::max();
    auto blocks = database_.query(
        "SELECT block FROM job_span WHERE earliest >= ?1 OR latest <= ?2 ORDER BY block",
        filter_.created_before ? milliseconds(*filter_.created_before) : most,
        filter_.created_after ? milliseconds(*filter_.created_after) : least);
    JobId above = whole.above;
    while (blocks.step()) {
        const JobId first = blocks.integer(0) * kSpan;
        const Range before{above, std::min(first, whole.below)};
        if (before.above + 1 < before.below) ranges.push_back(before);
        above = std::max(above, first + kSpan - 1);
    }
    if (above < whole.below) ranges.push_back({above, whole.below});
}

Statement Listing::prepare(const std::string& select, const std::string& from,
                           const std::string& order) {
    Statement statement = database_.prepare("SELECT " + select + " FROM job " + from +
                                            " AND id > ?1 AND id < ?2" + terms_ + order);
    for (std::size_t i = 0; i < texts_.size(); ++i) {
        statement.bind(kFirstText + static_cast<int>(i), texts_[i]);
    }
    return statement;
}

template <class Action>
void Listing::each_series(const Action& action) {
    const auto topics = filter_.topic.empty() ? read_topics(database_) : std::vector{filter_.topic};
    for (const std::string& topic : topics) {
        const auto tasks =
            filter_.task.empty() ? read_tasks(database_, topic) : std::vector{filter_.task};
        for (const std::string& task : tasks) action(topic, task);
    }
}

template <class Action>
void Listing::each_stretch(const std::string& select, const std::string& order,
                           const Action& action) {
    if (lead_ == Lead::Id) {
        // Read from the table itself: nothing that leads was named.
        Statement rows = prepare(select, "WHERE 1", order);
        return action(rows);
    }
    if (running_apart_) {
        const bool is_series = lead_ == Lead::Series;
        std::string from = "INDEXED BY job_running WHERE state = 2";
        if (!is_series) from += " AND " + column_ + " = ?5";
        if (is_series && !filter_.topic.empty()) from += " AND topic = ?5";
        if (is_series && !filter_.task.empty()) from += " AND task = ?6";
        Statement rows = prepare(select, from, order);
        if (!is_series) rows.bind(kValue, value_);
        if (is_series && !filter_.topic.empty()) rows.bind(kValue, filter_.topic);
        if (is_series && !filter_.task.empty()) rows.bind(kTask, filter_.task);
        action(rows);
    }
    const std::string from = lead_ == Lead::Series
                                 ? "INDEXED BY job_shelf WHERE topic = ?5 AND task = ?6"
                                 : "INDEXED BY " + index_ + " WHERE " + column_ + " = ?5";
    for (const std::int64_t shelf : shelves_) {
        const bool mixed = shelf == shelf_of(JobState::Queued) && only_queued_;
        Statement rows =
            prepare(select, from + " AND shelf = ?4" + (mixed ? " AND state = 1" : ""), order);
        rows.bind(kShelf, shelf);
        if (lead_ == Lead::Column) {
            rows.bind(kValue, value_);
            action(rows);
            continue;
        }
        each_series([&](const std::string& topic, const std::string& task) {
            rows.bind(kValue, topic);
            rows.bind(kTask, task);
            action(rows);
        });
    }
}

void Listing::keep_best(std::vector<JobId>& found) const {
    if (filter_.newest_first) {
        std::sort(found.begin(), found.end(), std::greater<>());
    } else {
        std::sort(found.begin(), found.end());
    }
    if (found.size() > limit_) found.resize(limit_);
}

// Adds what a stretch has in a range, unless it is worse than what was found elsewhere.
void Listing::collect(Statement& rows, Range range, std::vector<JobId>& found) {
    if (found.size() >= limit_) {
        const JobId worst = found[limit_ - 1];
        (filter_.newest_first ? range.above : range.below) = worst;
    }
    rows.reset();
    rows.bind(kAbove, range.above);
    rows.bind(kBelow, range.below);
    rows.bind(kLimit, static_cast<std::int64_t>(limit_));
    const std::size_t before = found.size();
    while (rows.step()) found.push_back(rows.integer(0));
    rows.reset();
    if (found.size() > before) keep_best(found);
}

std::vector<JobId> Listing::page() {
    const std::string order =
        filter_.newest_first ? " ORDER BY id DESC LIMIT ?3" : " ORDER BY id LIMIT ?3";
    std::vector<JobId> ids;
    for (const Range& range : ranges(true)) {
        std::vector<JobId> found;
        each_stretch("id", order, [&](Statement& rows) { collect(rows, range, found); });
        ids.insert(ids.end(), found.begin(), found.end());
        if (ids.size() >= limit_) break;
    }
    if (ids.size() > limit_) ids.resize(limit_);
    return ids;
}

std::int64_t Listing::count() {
    std::int64_t count = 0;
    for (const Range& range : ranges(false)) {
        each_stretch("count(*)", "", [&](Statement& rows) {
            rows.reset();
            rows.bind(kAbove, range.above);
            rows.bind(kBelow, range.below);
            if (rows.step()) count += rows.integer(0);
            rows.reset();
        });
    }
    return count;
}

}  // namespace periodic::sqlite
