// A notification in words.

#include "periodic/notifier.hpp"

namespace periodic {

std::string to_string(const Notification& notification) {
    std::string text;
    if (!notification.prefix.empty()) text = notification.prefix + ' ';
    text += notification.event;
    if (!notification.task.empty()) text += ": " + notification.task;
    if (notification.job != 0) text += ", job " + std::to_string(notification.job);
    if (!notification.message.empty()) text += ": " + notification.message;
    if (notification.count > 1 && notification.event != "backlog") {
        text += " (" + std::to_string(notification.count) + " times)";
    }
    return text;
}

}  // namespace periodic
