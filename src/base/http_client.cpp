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

std::string installed_module() {
    const std::string installed = std::string(PERIODIC_LIBEXEC_PATH "/") + kModule;
    if (::access(installed.c_str(), R_OK) == 0) return installed;
    const std::string beside = beside_this_program();
    return ::access(beside.c_str(), R_OK) == 0 ? beside : installed;
}

Failure unusable(const std::string& why) {
    return failure(ErrorCode::Unsupported,
                   "HTTP requests need " + std::string(kModule) + ": " + why,
                   "install it, and libcurl, beside the library");
}

struct Module {
    void* handle = nullptr;
    std::string path{};
};

Result<Module> open_module(const std::string& named) {
    const std::string path = named.empty() ? installed_module() : named;
    if (::access(path.c_str(), R_OK) != 0) return unusable("there is no " + path);
    // Never unloaded: libcurl keeps state for the whole process.
    void* const module = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (module == nullptr) return unusable(::dlerror());
    return Module{module, path};
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
