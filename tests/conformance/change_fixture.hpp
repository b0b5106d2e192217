#pragma once

/// @file
/// What the tests of changes to single jobs share.

#include <chrono>
#include <string>
#include <utility>

#include "conformance/store_fixture.hpp"

namespace periodic {

class ChangeTest : public StoreTest {
protected:
    /// Brings a job into a state by the ways that lead there.
    JobId job_in(JobState state, Job job = job_of("t")) {
        if (state == JobState::Idle || state == JobState::Skipped) job.state = state;
        const JobId id = add(job);
        if (state == JobState::Running || (is_final(state) && state != JobState::Skipped)) {
            const auto claimed = claim_only(id);
            EXPECT_EQ(claimed.size(), 1U);
            if (is_final(state)) settle(claimed.at(0), state, Reason::Exit);
        }
        EXPECT_EQ(state_of(id), state);
        return id;
    }

    JobChanged change(JobAction action, JobId id, JobEdit edit = {}, std::string by = "ada") {
        const auto changed = store().change({{id, action, std::move(edit), std::move(by)}}, kLater);
        EXPECT_EQ(changed.size(), 1U);
        return changed.at(0);
    }

    JobEvent last_event(JobId id) { return store().events(id).back(); }

    static constexpr Time kLater = kNow + std::chrono::seconds(10);
};

}  // namespace periodic
