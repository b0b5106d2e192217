// periodic-gate: the parent of one program of a host that is no child subreaper itself.
//
// Not for people: a host starts it with a socket as its standard input. It adopts whatever its
// program leaves behind, tells the host what becomes of it and signals it as the host asks. It ends
// when the host has gone and nothing is left to watch; a host that was killed leaves it to the next
// executor, which finds it by the mark in its environment.

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/process.hpp"
#include "base/process_environment.hpp"
#include "base/process_family.hpp"
#include "base/process_gate.hpp"
#include "base/process_pipes.hpp"
#include "base/process_start.hpp"

namespace periodic {
namespace {

constexpr int kWrongUsage = 2;

// How often it is looked whether something lives that the host has left.
constexpr std::chrono::milliseconds kTurn{50};

Result<Descriptor> copy_of(int fd) {
    return above_standard(::fcntl(fd, F_DUPFD_CLOEXEC, 3), "cannot copy a descriptor");
}

class Gate {
public:
    explicit Gate(GateLine line) : line_(std::move(line)) {}

    /// Starts the program that the host asks for, or tells it why not. False if there is none.
    bool start() {
        GateMail mail;
        if (line_.receive(mail, true) != GateLine::Got::Mail) return false;
        auto child = start_program(mail);
        if (!child) {
            std::string text = child.error().message;
            if (!child.error().hint.empty()) text.append(1, '\0').append(child.error().hint);
            line_.send(
                {.word = GateWord::Failed, .value = static_cast<std::int32_t>(child.error().code)},
                text);
            return false;
        }
        line_.send({.word = GateWord::Started,
                    .pid = child->identity.pid,
                    .start_ticks = child->identity.start_ticks});
        Descriptor wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
        process_ = std::make_unique<LaunchedProcess>(std::move(*child), OutputPipes(),
                                                     std::move(wake), family_);
        return true;
    }

    /// Until the host has gone and nothing is left.
    void watch() {
        while (line_.is_open() || !is_over()) {
            std::array<pollfd, 2> watched{
                pollfd{line_.fd(), POLLIN, 0},
                pollfd{process_->exit() ? -1 : process_->handle(), POLLIN, 0}};
            const bool is_told = line_.is_open() || !process_->exit();
            const int longest = is_told ? -1 : static_cast<int>(kTurn.count());
            if (::poll(watched.data(), watched.size(), longest) < 0 && errno != EINTR) return;
            if (watched[1].revents != 0) note_exit();
            if (watched[0].revents != 0) obey();
        }
    }

private:
    Result<StartedChild> start_program(const GateMail& mail) {
        const auto bytes = read_memory_file(mail.first);
        if (!bytes) return Failure(bytes.error());
        auto spec = decode_spec(*bytes);
        if (!spec) return Failure(spec.error());
        spec->record_fd = mail.second.get();
        auto null =
            above_standard(::open("/dev/null", O_RDONLY | O_CLOEXEC), "cannot open /dev/null");
        if (!null) return Failure(null.error());
        const auto output = copy_of(STDOUT_FILENO);
        if (!output) return Failure(output.error());
        const auto errors = copy_of(STDERR_FILENO);
        if (!errors) return Failure(errors.error());
        ProcessFamily::Start starting(*family_);
        auto child =
            starter_.start(*spec, {null->get(), output->get(), errors->get()}, starting.pid());
        // The program has them now; the host shall see their end with the program's.
        ::close(STDOUT_FILENO);
        ::close(STDERR_FILENO);
        if (child) family_->add(child->identity, mark_from(*spec));
        return child;
    }

    void note_exit() {
        process_->wait_for(std::chrono::milliseconds{0}, [](auto, auto) {});
        if (const auto exit = process_->exit())
            line_.send({.word = GateWord::Exited, .value = exit->code, .flag = exit->signalled});
    }

    void obey() {
        GateMail mail;
        if (line_.receive(mail, false) != GateLine::Got::Mail) return;
        switch (mail.message.word) {
            case GateWord::SignalGroup:
                return process_->signal_group(mail.message.value);
            case GateWord::SignalAll:
                return process_->signal_all(mail.message.value);
            case GateWord::Release:
                released_ = true;
                return process_->release();
            case GateWord::Ask:
                line_.send({.word = GateWord::Answer, .flag = process_->has_survivors()});
                return;
            default:
                return;
        }
    }

    bool is_over() {
        if (!process_->exit()) return false;
        return released_ || !process_->has_survivors();
    }

    GateLine line_;
    ChildStarter starter_;
    std::shared_ptr<ProcessFamily> family_ = std::make_shared<ProcessFamily>(true);
    std::unique_ptr<LaunchedProcess> process_;
    bool released_ = false;
};

}  // namespace
}  // namespace periodic

int main() {
    using periodic::Descriptor;
    using periodic::Gate;
    using periodic::GateLine;
    // What ends its program must not end it first.
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGQUIT}) std::signal(signal, SIG_IGN);
    try {
        periodic::become_subreaper();
        Gate gate{GateLine(Descriptor(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)))};
        ::close(STDIN_FILENO);
        if (!gate.start()) return periodic::kWrongUsage;
        gate.watch();
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "periodic-gate: %s\n", error.what());
        return 1;
    }
}
