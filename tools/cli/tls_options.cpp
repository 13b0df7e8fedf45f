#include <algorithm>
#include <brontes/tools/cli/tls_options.hpp>

namespace brontes::cli {
namespace {

constexpr const char* kNames[] = {"--tls", "--cacert", "--cert", "--key", "--servername"};

}  // namespace

std::vector<Option> with_tls(std::vector<Option> options) {
  options.push_back({"--tls", "", "TLS; so does each of the next four"});
  options.push_back(
      {"--cacert", "FILE", "PEM: who signs servers (default: whom the system trusts)"});
  options.push_back({"--cert", "FILE", "PEM: the certificate that is shown"});
  options.push_back({"--key", "FILE", "PEM: its key"});
  options.push_back({"--servername", "NAME", "of the server's certificate (default: the service)"});
  return options;
}

Expected<std::optional<ClientTls>> read_tls(const Arguments& arguments) {
  const bool wanted = std::any_of(std::begin(kNames), std::end(kNames),
                                  [&](const char* name) { return arguments.has(name); });
  if (!wanted) return std::nullopt;
  ClientTls tls{arguments.get("--cacert"), arguments.get("--cert"), arguments.get("--key"),
                arguments.get("--servername")};
  if (const auto usable = client_credentials(tls); !usable) return fail(usable.error());
  return tls;
}

std::string tls_hint(const std::optional<ClientTls>& tls, const std::string& name) {
  if (!tls) return "; if they speak TLS, say --tls or --cacert";
  return "; with TLS the server's certificate must be of '" +
         (tls->server_name.empty() ? name : tls->server_name) + "' (--servername), signed by " +
         (tls->ca.empty() ? "a CA that the system trusts (--cacert)" : "--cacert");
}

}  // namespace brontes::cli
