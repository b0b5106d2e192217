#include "base/gated_process.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <set>
#include <utility>

#include <sys/wait.h>
#include <unistd.h>

#include "base/process_ending.hpp"
#include "base/process_environment.hpp"
#include "base/this_machine.hpp"

namespace periodic {
namespace {

// Who goes on to begin others for so long does not end by one signal.
constexpr int kMostRounds = 64;

void reap(const Descriptor& handle) {
    while (::waitid(P_PIDFD, static_cast<id_t>(handle.get()), nullptr, WEXITED) != 0 &&
           errno == EINTR) {
    }
}

ProcessSpec spec_of_gate(const std::string& path, const ProcessSpec& spec) {
    ProcessSpec gate;
    gate.program = path;
    for (const auto& variable : spec.environment)
        if (variable.first == "PERIODIC_HOME" || variable.first == "PERIODIC_JOB_ID")
            gate.environment.push_back(variable);
    return gate;
}

}  // namespace

Result<OpenGate> open_gate(ChildStarter& starter, const std::string& path, const ProcessSpec& spec,
                           ChildStreams streams) {
    auto file = memory_file(encode_spec(spec));
    if (!file) return Failure(file.error());
    auto socket = make_gate_socket();
    if (!socket) return Failure(socket.error());
    streams.input = socket->gate.get();
    std::atomic<std::int64_t> pid = 0;
    auto started = starter.start(spec_of_gate(path, spec), streams, pid);
    if (!started) return Failure(started.error());
    OpenGate gate{.line = GateLine(std::move(socket->host)), .gate = std::move(*started)};
    gate.mark = mark_from(spec).value_or(JobMark{});
    socket->gate.reset();  // so that the gate's end is seen
    GateMail mail;
    const bool answered =
        gate.line.send({.word = GateWord::Start}, {}, file->get(), spec.record_fd) &&
        gate.line.receive(mail, true) == GateLine::Got::Mail;
    if (answered && mail.message.word == GateWord::Started) {
        gate.program = {mail.message.pid, mail.message.start_ticks, this_boot_id()};
        gate.session = spec.user ? mail.message.pid : ::getsid(0);
        return gate;
    }
    gate.line.close();
    reap(gate.gate.handle);
    if (!answered) return failure(ErrorCode::Io, "the gate " + path + " ended before it began");
    const std::size_t cut = mail.text.find('\0');
    return failure(static_cast<ErrorCode>(mail.message.value), mail.text.substr(0, cut),
                   cut == std::string::npos ? "" : mail.text.substr(cut + 1));
}

GatedProcess::~GatedProcess() {
    if (exit_ && released_)
        gate_.line.send({.word = GateWord::Release});
    else
        gate_.line.send({.word = GateWord::SignalAll, .value = SIGKILL});
    gate_.line.close();  // it ends when there is nothing left to watch
    reap(gate_.gate.handle);
}

Process::Event GatedProcess::wait_for(std::chrono::milliseconds timeout,
                                      const std::function<void(Stream, std::string_view)>& sink) {
    const Patience patience(timeout);
    for (;;) {
        const auto [output, errors] = pipes_.watched();
        std::array<pollfd, 4> watched{pollfd{wake_.get(), POLLIN, 0}, output, errors,
                                      pollfd{exit_ ? -1 : gate_.line.fd(), POLLIN, 0}};
        if (!patience.poll(watched)) continue;
        const bool has_output = pipes_.read_some(sink);
        if (watched[3].revents != 0) {
            GateMail mail;
            const auto got = gate_.line.receive(mail, false);
            if (got == GateLine::Got::Mail) take(mail);
            if (got == GateLine::Got::Closed) lose_gate();
            if (exit_) {
                pipes_.drain(sink);
                return Event::Exited;
            }
        }
        if (has_output) return Event::Output;
        if (take_wake(wake_) || patience.is_over()) return Event::Nothing;
    }
}

void GatedProcess::take(const GateMail& mail) {
    if (mail.message.word == GateWord::Exited)
        exit_ = Exit{.code = mail.message.value, .signalled = mail.message.flag};
}

// Somebody has killed it: nobody can say any more how the program ends.
void GatedProcess::lose_gate() {
    if (!exit_) exit_ = Exit{.code = 128 + SIGKILL, .signalled = true};
}

std::vector<ProcessEntry> GatedProcess::left() const {
    return find_left(std::array{GroupLeader{gate_.program, gate_.session}}, gate_.mark);
}

void GatedProcess::signal_group(int signal) noexcept {
    gate_.line.send({.word = GateWord::SignalGroup, .value = signal});
}

bool GatedProcess::has_survivors() {
    if (!exit_) return true;
    GateMail mail;
    if (gate_.line.send({.word = GateWord::Ask}))
        while (gate_.line.receive(mail, true) == GateLine::Got::Mail)
            if (mail.message.word == GateWord::Answer) return mail.message.flag;
    return !left().empty();
}

void GatedProcess::signal_all(int signal) {
    if (gate_.line.send({.word = GateWord::SignalAll, .value = signal})) return;
    // What has just been signalled may have begun another one before: it is looked at again, until
    // nothing is new.
    std::set<std::pair<std::int64_t, std::uint64_t>> sent;
    for (int round = 0; round < kMostRounds; ++round) {
        bool is_new = false;
        for (const ProcessEntry& process : left()) {
            if (!sent.emplace(process.pid, process.start_ticks).second) continue;
            is_new = true;
            signal_process(process, signal);
        }
        if (!is_new) return;
    }
}

}  // namespace periodic
