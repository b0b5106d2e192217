// What a stranger's program does with an installed Periodic: it names its version, walks a cron
// expression in a zone, and reads a task. Each pulls in another part of the library.

#include <chrono>
#include <iostream>

#include "periodic/command_registry.hpp"
#include "periodic/cron_expression.hpp"
#include "periodic/task.hpp"
#include "periodic/time_zone.hpp"
#include "periodic/version.hpp"

int main() {
    using namespace std::chrono_literals;
    const auto zone = periodic::TimeZone::load("Europe/Berlin").value();
    const auto noon = periodic::CronExpression::parse("0 12 * * *").value();
    const std::chrono::sys_seconds start{0s};
    std::cout << noon.next(start, zone)->time_since_epoch().count() << '\n';

    const auto commands = periodic::builtin_commands();
    const auto reading = periodic::read_task("<task><command type='shell'>true</command></task>",
                                             "t", "t.xml", commands);
    std::cout << (reading.task ? reading.task->commands.size() : 0) << '\n';
    std::cout << periodic::kVersion << '\n';
}
