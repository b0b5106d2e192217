#include "periodic/crontab.hpp"

#include <deque>
#include <string>
#include <utility>

#include "cron/crontab_line.hpp"
#include "cron/crontab_reader.hpp"

namespace periodic {
namespace {

struct StringSink {
    std::string text{};
    void add(char c) { text += c; }
};

}  // namespace

Values CrontabEntry::parameters() const {
    Values values;
    cron::ArgumentReader reader(arguments());
    cron::Argument argument;
    while (reader.next(argument)) {
        values.emplace(std::string(argument.name), cron::value_of(argument));
    }
    return values;
}

std::string CrontabEntry::definition() const {
    StringSink sink{"CRON_TZ=" + zone_.name() + "\n"};
    cron::write_schedule(sink, when());
    sink.add(' ');
    cron::write_target(sink, group(), task(), arguments());
    return std::move(sink.text);
}

Crontab::Crontab() : storage_(std::make_unique<Storage>()) {}
Crontab::Crontab(Crontab&&) noexcept = default;
Crontab& Crontab::operator=(Crontab&&) noexcept = default;
Crontab::~Crontab() = default;

void Crontab::add(std::string_view text, std::string file, const TimeZone& zone) {
    add_owned(std::string(text), std::move(file), zone);
}

void Crontab::add_owned(std::string text, std::string file, const TimeZone& zone) {
    if (storage_ == nullptr) storage_ = std::make_unique<Storage>();  // it was moved from
    storage_->texts.push_back(std::move(text));
    files_.push_back(std::move(file));
    Reader(*this, zone).read(storage_->texts.back());
}

}  // namespace periodic
