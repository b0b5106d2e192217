// Tells by mail: over SMTP, or by the system's sendmail.

#include <array>

#include <pwd.h>
#include <unistd.h>

#include "base/mail_sender.hpp"
#include "notify/mail_text.hpp"
#include "notify/secret.hpp"
#include "notify/told_program.hpp"
#include "periodic/notifier.hpp"

namespace periodic {
namespace {

constexpr std::chrono::seconds kPatience{60};
// Mail programs are often beside what PATH names. They want lines that end as the system's do.
constexpr const char* kSendmail =
    "PATH=\"$PATH:/usr/sbin:/usr/lib\"; printf '%s' \"$PERIODIC_MAIL\" | tr -d '\\r' | "
    "sendmail -t -i";

std::string own_address() {
    std::array<char, 256> host{};
    if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
    std::array<char, 16'384> buffer{};
    passwd entry{};
    passwd* found = nullptr;
    (void)::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found);
    return std::string(found != nullptr ? found->pw_name : "periodic") + '@' +
           (host[0] != '\0' ? host.data() : "localhost");
}

class MailNotifier final : public Notifier {
public:
    MailNotifier(MailOptions options, const NotifierParts& parts)
        : options_(std::move(options)), launcher_(*parts.launcher), directory_(parts.directory) {
        if (options_.from.empty()) options_.from = own_address();
    }

    Result<void> notify(const Notification& notification, std::stop_token stop) override {
        std::string text = mail_text(notification, options_.from, options_.to);
        if (options_.server.empty()) {
            return run_told_program(launcher_, kSendmail, directory_, {{"PERIODIC_MAIL", text}},
                                    kPatience, stop);
        }
        auto password = read_secret(directory_, options_.password_file, options_.password_env, "");
        if (!password) return Failure(password.error());
        return send_mail({.server = options_.server,
                          .user = options_.user,
                          .password = std::move(*password),
                          .from = options_.from,
                          .to = options_.to,
                          .text = std::move(text),
                          .timeout = kPatience,
                          .stop = std::move(stop)});
    }

private:
    MailOptions options_;
    ProcessLauncher& launcher_;
    std::string directory_;
};

}  // namespace

std::unique_ptr<Notifier> make_mail_notifier(MailOptions options, const NotifierParts& parts) {
    return std::make_unique<MailNotifier>(std::move(options), parts);
}

}  // namespace periodic
