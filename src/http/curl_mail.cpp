// The module's other door: mail over SMTP.

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <ctime>
#include <memory>
#include <new>
#include <string>

#include <curl/curl.h>

#include "base/mail_sender.hpp"

namespace periodic::http {
namespace {

struct FreeEasy {
    void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
};
struct FreeList {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};

struct Upload {
    const Mail& mail;
    std::size_t at = 0;
};

std::size_t give_text(char* buffer, std::size_t size, std::size_t count, void* self) {
    auto& upload = *static_cast<Upload*>(self);
    const std::size_t part = std::min(size * count, upload.mail.text.size() - upload.at);
    std::memcpy(buffer, upload.mail.text.data() + upload.at, part);
    upload.at += part;
    return part;
}

int go_on(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<Upload*>(self)->mail.stop.stop_requested() ? 1 : 0;
}

// A broken connection raises SIGPIPE in this thread, and must not end the process.
class WithoutSigpipe {
public:
    WithoutSigpipe() noexcept {
        sigemptyset(&pipe_);
        sigaddset(&pipe_, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
    }
    WithoutSigpipe(const WithoutSigpipe&) = delete;
    WithoutSigpipe& operator=(const WithoutSigpipe&) = delete;
    ~WithoutSigpipe() {
        const timespec at_once{};
        while (sigtimedwait(&pipe_, nullptr, &at_once) == SIGPIPE) {
        }
        pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }

private:
    sigset_t pipe_{};
    sigset_t before_{};
};

Result<void> send(const Mail& mail) {
    const WithoutSigpipe without_sigpipe;
    const std::unique_ptr<CURL, FreeEasy> easy(curl_easy_init());
    if (!easy) throw std::bad_alloc();
    std::unique_ptr<curl_slist, FreeList> recipients;
    for (const std::string& to : mail.to) {
        curl_slist* const longer = curl_slist_append(recipients.get(), ('<' + to + '>').c_str());
        if (longer == nullptr) throw std::bad_alloc();
        (void)recipients.release();
        recipients.reset(longer);
    }
    Upload upload{mail};
    std::array<char, CURL_ERROR_SIZE> problem{};
    const std::string from = '<' + mail.from + '>';
    CURL* const curl = easy.get();
    curl_easy_setopt(curl, CURLOPT_URL, mail.server.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, problem.data());
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(mail.timeout.count()));
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from.c_str());
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients.get());
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, &give_text);
    curl_easy_setopt(curl, CURLOPT_READDATA, &upload);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &go_on);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &upload);
    // A password never goes over an open line.
    curl_easy_setopt(curl, CURLOPT_USE_SSL, mail.user.empty() ? CURLUSESSL_TRY : CURLUSESSL_ALL);
    if (!mail.user.empty()) {
        curl_easy_setopt(curl, CURLOPT_USERNAME, mail.user.c_str());
        curl_easy_setopt(curl, CURLOPT_PASSWORD, mail.password.c_str());
    }
    const CURLcode code = curl_easy_perform(curl);
    if (code == CURLE_OK) return {};
    long answer = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer);
    const bool is_final = answer >= 500 || code == CURLE_LOGIN_DENIED;
    return failure(is_final ? ErrorCode::Invalid : ErrorCode::Io,
                   std::string("the mail server did not take it: ") +
                       (problem[0] != '\0' ? problem.data() : curl_easy_strerror(code)));
}

}  // namespace
}  // namespace periodic::http

extern "C" __attribute__((visibility("default"))) void periodic_send_mail(
    const periodic::Mail& mail, periodic::Result<void>& result) {
    result = periodic::http::send(mail);
}
