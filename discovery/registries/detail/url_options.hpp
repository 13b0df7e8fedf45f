// What the registries behind a network share in reading their URL and their access.
#pragma once

#include <brontes/actors/status.hpp>
#include <brontes/discovery/registries/registry_access.hpp>
#include <brontes/discovery/registries/registry_url.hpp>
#include <string>

namespace brontes::detail {

Status bad_url(const RegistryUrl& url, const std::string& why);
std::string url_option(const RegistryUrl& url, const char* name, std::string otherwise);
/// Files without TLS, or a certificate without its key.
Status check_tls_files(const RegistryAccess& access);

}  // namespace brontes::detail
