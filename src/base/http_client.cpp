#include "periodic/http_client.hpp"

#include <array>
#include <string>

#include <dlfcn.h>
#include <unistd.h>

#include "base/http_module.hpp"
#include "periodic/version.hpp"

namespace periodic {
namespace {

constexpr const char* kModule = "periodic-http.so";

// Where a program's own tree has it, wherever that was installed or built.
std::string beside_this_program() {
    std::array<char, 4096> path{};
    const ssize_t size = ::readlink("/proc/self/exe", path.data(), path.size());
    std::string place(path.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    for (int up = 0; up < 2 && !place.empty(); ++up) place.resize(place.rfind('/'));
    return place + "/" PERIODIC_LIBEXEC_DIR "/" + kModule;
}

Failure unusable(const std::string& why) {
    return failure(ErrorCode::Unsupported,
                   "HTTP requests need " + std::string(kModule) + ": " + why,
                   "install it, and libcurl, beside the library");
}

// A job's log has the message alone, so that it names each place where the module may be put.
Result<std::string> find_module(const std::string& named) {
    const std::string installed = std::string(PERIODIC_LIBEXEC_PATH "/") + kModule;
    const std::string beside = beside_this_program();
    const auto there = [](const std::string& path) { return ::access(path.c_str(), R_OK) == 0; };
    if (!named.empty()) {
        if (!there(named)) return unusable("there is no " + named);
        return named;
    }
    if (there(installed)) return installed;
    if (there(beside)) return beside;
    return unusable("there is neither " + installed + " nor " + beside);
}

struct Module {
    void* handle = nullptr;
    std::string path{};
};

Result<Module> open_module(const std::string& named) {
    const auto path = find_module(named);
    if (!path) return Failure(path.error());
    // Never unloaded: libcurl keeps state for the whole process.
    void* const module = ::dlopen(path->c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (module == nullptr) return unusable(::dlerror());
    return Module{module, *path};
}

Result<std::shared_ptr<HttpClient>> client_of(const Module& module) {
    // POSIX: what dlsym gives may be a function.
    const auto make = reinterpret_cast<HttpModuleEntry>(::dlsym(module.handle, kHttpModuleEntry));
    if (make == nullptr) return unusable(module.path + " is something else");
    HttpClient* const client = make(std::string(kVersion).c_str());
    if (client == nullptr) {
        return unusable(module.path + " is not of version " + std::string(kVersion));
    }
    return std::shared_ptr<HttpClient>(client);
}

}  // namespace

Result<std::shared_ptr<HttpClient>> make_http_client(const HttpClientOptions& options) {
    const auto module = open_module(options.module);
    if (!module) return Failure(module.error());
    return client_of(*module);
}

Result<void> send_mail(const Mail& mail) {
    const auto module = open_module("");
    if (!module) return Failure(module.error());
    // Says whether the module is of this version.
    if (const auto client = client_of(*module); !client) return Failure(client.error());
    const auto send = reinterpret_cast<MailModuleEntry>(::dlsym(module->handle, kMailModuleEntry));
    if (send == nullptr) return unusable(module->path + " sends no mail");
    Result<void> result;
    send(mail, result);
    return result;
}

}  // namespace periodic
