#include "worker/messages.hpp"

#include <array>
#include <cstring>
#include <type_traits>
#include <utility>

#include "worker/wire.hpp"

namespace periodic {
namespace wire {

template <>
struct Highest<JobState> {
    static constexpr auto value = JobState::Skipped;
};
template <>
struct Highest<Reason> {
    static constexpr auto value = Reason::Removed;
};
template <>
struct Highest<WaitingFor> {
    static constexpr auto value = WaitingFor::Paused;
};
template <>
struct Highest<Overlap> {
    static constexpr auto value = Overlap::Replace;
};
template <>
struct Highest<OnLost> {
    static constexpr auto value = OnLost::Retry;
};
template <>
struct Highest<LogLevel> {
    static constexpr auto value = LogLevel::Error;
};
template <>
struct Highest<LogStream> {
    static constexpr auto value = LogStream::Task;
};
template <>
struct Highest<ErrorCode> {
    static constexpr auto value = ErrorCode::Unsupported;
};
template <>
struct Highest<Value::Kind> {
    static constexpr auto value = Value::Kind::Json;
};

}  // namespace wire

namespace {

constexpr std::size_t kLengthSize = sizeof(std::uint32_t);

// A T, or a const T: what is packed and what is unpacked has the same fields in the same order.
template <class Given, class T>
concept Is = std::is_same_v<std::remove_const_t<Given>, T>;

template <class... Fields>
void pass(auto& wire, Fields&... all) {
    (wire(all), ...);
}

}  // namespace

// Found by the wire through the types' namespace.

void fields(auto& wire, Is<Value> auto& value) {
    pass(wire, value.text, value.kind);
}

void fields(auto& wire, Is<Job> auto& job) {
    pass(wire, job.id, job.task, job.group, job.topic, job.state, job.phase, job.priority,
         job.claim, job.attempt, job.max_attempts, job.crashes, job.missed, job.progress,
         job.parameters, job.attributes, job.comment, job.key, job.interval_seconds,
         job.result_code, job.message, job.reason, job.error, job.error_detail, job.entry, job.zone,
         job.scheduled, job.last_scheduled, job.available, job.created, job.started, job.finished,
         job.first_failed, job.last_failed, job.worker, job.pid, job.exit_code, job.task_digest,
         job.parent, job.log_bytes, job.log_seq, job.response_bytes, job.overlap, job.on_lost,
         job.concurrency, job.concurrency_value, job.owner, job.asked, job.waiting_for);
}

void fields(auto& wire, Is<JobEvent> auto& event) {
    pass(wire, event.time, event.event, event.by, event.detail);
}

void fields(auto& wire, Is<LogLine> auto& line) {
    pass(wire, line.seq, line.time, line.level, line.stream, line.text);
}

void fields(auto& wire, Is<LiveUpdate> auto& update) {
    pass(wire, update.id, update.claim, update.lines, update.response, update.progress,
         update.message, update.comment, update.result_code, update.attributes, update.pid);
}

void fields(auto& wire, Is<Settlement> auto& end) {
    pass(wire, end.job, end.event, end.follow_ups, end.delete_job, end.cut_after, end.cut_before);
}

void fields(auto& wire, Is<Error> auto& error) {
    pass(wire, error.code, error.message, error.hint, error.file, error.line, error.column,
         error.excerpt);
}

void fields(auto& wire, Is<JobOptions> auto& options) {
    pass(wire, options.group, options.comment, options.key, options.priority, options.available,
         options.interval, options.attributes, options.idle, options.parent, options.by);
}

void fields(auto& wire, Is<Home> auto& home) {
    pass(wire, home.directory, home.state, home.tasks, home.crontabs, home.store, home.log);
}

void fields(auto& wire, Is<AppendRequest> auto& addition) {
    pass(wire, addition.id, addition.level, addition.text);
}

void fields(auto& wire, Is<HelloMessage> auto& message) {
    pass(wire, message.version, message.home, message.time_zone, message.generation, message.topic,
         message.slots);
}

void fields(auto& wire, Is<RunMessage> auto& message) {
    pass(wire, message.job, message.task_text);
}

void fields(auto& wire, Is<AskMessage> auto& message) {
    pass(wire, message.id, message.claim, message.what, message.by, message.shutdown);
}

void fields(auto& /*wire*/, Is<DrainMessage> auto& /*message*/) {}

void fields(auto& wire, Is<AnswerMessage> auto& message) {
    pass(wire, message.request, message.error, message.id, message.job);
}

void fields(auto& wire, Is<AppendMessage> auto& message) {
    pass(wire, message.addition);
}

void fields(auto& /*wire*/, Is<ReadyMessage> auto& /*message*/) {}

void fields(auto& wire, Is<BegunMessage> auto& message) {
    pass(wire, message.id, message.claim, message.deadline, message.kill_after, message.cleaning);
}

void fields(auto& wire, Is<SaidMessage> auto& message) {
    pass(wire, message.update);
}

void fields(auto& wire, Is<EndedMessage> auto& message) {
    pass(wire, message.settlement, message.memory);
}

void fields(auto& wire, Is<EnqueueMessage> auto& message) {
    pass(wire, message.request, message.task, message.parameters, message.options);
}

void fields(auto& wire, Is<WaitMessage> auto& message) {
    pass(wire, message.request, message.parent, message.child);
}

void fields(auto& wire, Is<EndWaitMessage> auto& message) {
    pass(wire, message.request);
}

void fields(auto& wire, Is<EventMessage> auto& message) {
    pass(wire, message.id, message.event);
}

void fields(auto& wire, Is<LogMessage> auto& message) {
    pass(wire, message.level, message.text, message.task, message.command, message.job);
}

void fields(auto& wire, Is<ReturnMessage> auto& message) {
    pass(wire, message.addition);
}

namespace {

template <std::size_t Index>
bool unpack_as(wire::Unpacker& unpacker, Message& message) {
    unpacker(message.emplace<Index>());
    return unpacker.is_done();
}

template <std::size_t... Indices>
bool unpack(std::size_t index, wire::Unpacker& unpacker, Message& message,
            std::index_sequence<Indices...> /*all*/) {
    bool done = false;
    (void)((index == Indices && (done = unpack_as<Indices>(unpacker, message), true)) || ...);
    return done;
}

}  // namespace

std::string_view wire_version() noexcept {
    return PERIODIC_WIRE_VERSION;
}

Result<std::string> encode(const Message& message) {
    wire::Packer packer;
    packer.bytes().resize(kLengthSize);
    packer.bytes() += static_cast<char>(message.index());
    std::visit([&packer](const auto& one) { packer(one); }, message);
    const std::size_t length = packer.bytes().size() - kLengthSize;
    if (length > kLongestMessage) {
        return failure(ErrorCode::Invalid, "it is too large to pass between daemon and worker: " +
                                               std::to_string(length) + " bytes");
    }
    const auto prefix = static_cast<std::uint32_t>(length);
    std::memcpy(packer.bytes().data(), &prefix, sizeof prefix);
    return std::move(packer.bytes());
}

Result<Message> decode(std::string_view body) {
    Message message;
    if (!body.empty()) {
        wire::Unpacker unpacker(body.substr(1));
        if (unpack(static_cast<unsigned char>(body.front()), unpacker, message,
                   std::make_index_sequence<std::variant_size_v<Message>>())) {
            return message;
        }
    }
    return failure(ErrorCode::Invalid, "bytes that are no message");
}

void FrameReader::add(std::string_view bytes) {
    if (taken_ > 0) bytes_.erase(0, std::exchange(taken_, 0));
    bytes_ += bytes;
}

Result<std::optional<std::string_view>> FrameReader::next() {
    const std::string_view rest = std::string_view(bytes_).substr(taken_);
    std::uint32_t length = 0;
    if (rest.size() < sizeof length) return std::nullopt;
    std::memcpy(&length, rest.data(), sizeof length);
    if (length > kLongestMessage) return failure(ErrorCode::Invalid, "a message that is too long");
    if (rest.size() - sizeof length < length) return std::nullopt;
    taken_ += sizeof length + length;
    return rest.substr(sizeof length, length);
}

}  // namespace periodic
