#include "store/sqlite/commit_group.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>

namespace periodic::sqlite {
namespace {

// Its own for each caller, as several threads look at them at once.
std::exception_ptr copy_of(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const StorageError& storage) {
        return std::make_exception_ptr(StorageError(storage.kind(), storage.what()));
    } catch (...) {
        return error;
    }
}

}  // namespace

void CommitGroup::carry_out(Work work, bool durable) {
    Caller caller{.work = work, .durable = durable};
    {
        std::unique_lock lock(mutex_);
        waiting_.push_back(&caller);
        if (led_) caller.told.wait(lock, [&caller] { return caller.done || caller.leads; });
        if (!caller.done) lead(lock, caller);
    }
    if (caller.error) std::rethrow_exception(caller.error);
}

void CommitGroup::lead(std::unique_lock<std::mutex>& lock, const Caller& leader) {
    led_ = true;
    take_waiting(leader.durable);
    lock.unlock();
    {
        const std::lock_guard database(database_mutex_);
        commit(leader.durable);
    }
    lock.lock();
    led_ = !waiting_.empty();
    if (led_) {
        waiting_.front()->leads = true;
        waiting_.front()->told.notify_one();
    }
    for (Caller* caller : batch_) {
        caller->done = true;
        if (caller != &leader) caller->told.notify_one();
    }
    batch_.clear();
}

// What must be durable does not share a transaction that need not be.
void CommitGroup::take_waiting(bool durable) {
    for (auto next = waiting_.begin(); next != waiting_.end();) {
        const auto caller = next++;
        if (durable || !(*caller)->durable) batch_.splice(batch_.end(), waiting_, caller);
    }
}

void CommitGroup::commit(bool durable) {
    try {
        steps_.before(durable);
        while (!try_commit(durable)) {
        }
    } catch (...) {
        fail_all(std::current_exception());
    }
}

// False if a change threw, which is known by now: the others are to be carried out again.
bool CommitGroup::try_commit(bool durable) {
    const auto has_failed = [](const Caller* caller) { return caller->error != nullptr; };
    if (std::all_of(batch_.begin(), batch_.end(), has_failed)) return true;
    Transaction transaction(database_);
    const auto begin = std::chrono::steady_clock::now();
    for (auto caller = batch_.begin(); caller != batch_.end(); ++caller) {
        if (!has_failed(*caller)) {
            try {
                (*caller)->work();
            } catch (...) {
                (*caller)->error = std::current_exception();
                return false;
            }
        }
        const bool is_last = std::next(caller) == batch_.end();
        if (is_last && std::chrono::steady_clock::now() - begin < longest_) {
            const std::lock_guard lock(mutex_);
            take_waiting(durable);
        }
    }
    transaction.commit();
    steps_.after();
    return true;
}

void CommitGroup::fail_all(std::exception_ptr error) {
    for (Caller* caller : batch_) {
        if (!caller->error) caller->error = copy_of(error);
    }
}

}  // namespace periodic::sqlite
