#include "worker/mail_room.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace periodic {
namespace {

Descriptor checked(int fd, const char* what) {
    if (fd < 0) throw std::system_error(errno, std::generic_category(), what);
    return Descriptor(fd);
}

int child_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    return ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

// What epoll is given: a worker's number, from 1, and which of its two descriptors; or one of the
// room's own.
constexpr std::uint64_t kWake = 0;
constexpr std::uint64_t kChildEnds = 1;
std::uint64_t line_of(std::int64_t worker) {
    return static_cast<std::uint64_t>(worker) * 2;
}
std::uint64_t handle_of(std::int64_t worker) {
    return line_of(worker) + 1;
}

}  // namespace

MailRoom::MailRoom(std::function<void()> arrived)
    : arrived_(std::move(arrived)),
      poll_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll")),
      wake_(checked(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")),
      child_ends_(checked(child_signals(), "signalfd")) {
    watch(EPOLL_CTL_ADD, wake_.get(), kWake, EPOLLIN);
    watch(EPOLL_CTL_ADD, child_ends_.get(), kChildEnds, EPOLLIN);
    thread_ = std::jthread([this] { receive(); });
}

MailRoom::~MailRoom() {
    thread_.request_stop();
    (void)!::eventfd_write(wake_.get(), 1);
    thread_.join();
}

void MailRoom::watch(int operation, int fd, std::uint64_t data, std::uint32_t events) const {
    epoll_event event{.events = events, .data = {.u64 = data}};
    (void)::epoll_ctl(poll_.get(), operation, fd, &event);
}

void MailRoom::add(std::int64_t worker, std::shared_ptr<Line> line, int handle) {
    const int fd = line->fd();
    {
        const std::lock_guard guard(mutex_);
        senders_.emplace(worker, Sender{.line = std::move(line), .handle = handle});
    }
    watch(EPOLL_CTL_ADD, fd, line_of(worker), EPOLLIN);
    watch(EPOLL_CTL_ADD, handle, handle_of(worker), EPOLLIN);
}

void MailRoom::flush(std::int64_t worker) {
    const std::lock_guard guard(mutex_);
    const auto sender = senders_.find(worker);
    if (sender == senders_.end() || !sender->second.open || sender->second.line->flush()) return;
    watch(EPOLL_CTL_MOD, sender->second.line->fd(), line_of(worker), EPOLLIN | EPOLLOUT);
}

std::vector<WorkerMail> MailRoom::take() {
    const std::lock_guard guard(mutex_);
    return std::exchange(mail_, {});
}

void MailRoom::receive() {
    std::array<epoll_event, 64> events{};
    while (true) {
        const int count = ::epoll_wait(poll_.get(), events.data(), events.size(), -1);
        if (count < 0 && errno != EINTR) return;
        for (int i = 0; i < count; ++i) {
            const epoll_event& event = events[static_cast<std::size_t>(i)];
            if (event.data.u64 == kWake) return;
            if (event.data.u64 == kChildEnds) {
                note_child_ends();
            } else {
                note(event.data.u64, (event.events & EPOLLOUT) != 0);
            }
        }
        if (count > 0) arrived_();
    }
}

void MailRoom::note_child_ends() {
    signalfd_siginfo info{};
    while (::read(child_ends_.get(), &info, sizeof info) == sizeof info) child_ended_ = true;
}

void MailRoom::note(std::uint64_t event, bool writable) {
    const std::lock_guard guard(mutex_);
    const auto worker = static_cast<std::int64_t>(event / 2);
    const auto found = senders_.find(worker);
    if (found == senders_.end()) return;
    Sender& sender = found->second;
    if (event == handle_of(worker)) {
        // Its last words, if they were not read yet.
        if (sender.open) read_line(worker, sender);
        if (sender.open) watch(EPOLL_CTL_DEL, sender.line->fd(), 0, 0);
        watch(EPOLL_CTL_DEL, sender.handle, 0, 0);
        senders_.erase(found);
        mail_.push_back({.worker = worker, .died = true});
        return;
    }
    if (writable && sender.line->flush())
        watch(EPOLL_CTL_MOD, sender.line->fd(), line_of(worker), EPOLLIN);
    read_line(worker, sender);
}

// One whose line ends, or that talks nonsense, is about to end or is made to.
void MailRoom::read_line(std::int64_t worker, Sender& sender) {
    WorkerMail mail{.worker = worker};
    sender.open = sender.line->receive(mail.messages);
    if (!sender.open) watch(EPOLL_CTL_DEL, sender.line->fd(), 0, 0);
    mail.closed = !sender.open;
    if (!mail.messages.empty() || mail.closed) mail_.push_back(std::move(mail));
}

}  // namespace periodic
