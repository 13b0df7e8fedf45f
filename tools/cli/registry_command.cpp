#include <brontes/actors/log.hpp>
#include <brontes/discovery/address.hpp>
#include <brontes/runtime/node.hpp>
#include <brontes/tools/cli/commands.hpp>
#include <brontes/tools/cli/until_signal.hpp>
#include <brontes/tools/registry/etcd_service.hpp>

namespace brontes::cli {
namespace {

using namespace std::chrono_literals;

Settings settings_for(const Address& listen) {
  Settings settings;
  settings.listen = listen;
  settings.mode = Mode::kGrpc;
  settings.admin.enabled = false;
  settings.threads = 1;
  return settings;
}

Exit serve(const Arguments& arguments, Output& output) {
  const auto listen = parse_address(arguments.get("--listen", "127.0.0.1:2379"));
  if (!listen)
    return refuse("registry", {listen.error().code(), "--listen: " + listen.error().message()},
                  output);
  const auto history = arguments.number("--history", 100'000, 1, 10'000'000);
  if (!history) return refuse("registry", history.error(), output);
  const auto keys = arguments.number("--max-keys", 200'000, 1, 10'000'000);
  if (!keys) return refuse("registry", keys.error(), output);

  registry::StoreLimits limits;
  limits.history = static_cast<std::size_t>(*history);
  limits.keys = limits.leases = static_cast<std::size_t>(*keys);
  UntilSignal until;
  ignore_broken_pipes();
  set_log_level(LogLevel::kWarn);
  Node node(settings_for(*listen));
  node.serve_actor(registry::etcd_rows(), actor<registry::EtcdService>(limits));
  if (const Status status = node.start(); !status.ok())
    return refuse("registry", status, output,
                  status.code() == Errc::kInvalidArgument ? kBadUsage : kUnreachable);
  output.event("serving", {{"address", node.address()}},
               "serves a registry at " + node.address() +
                   ", in memory, until Ctrl-C; to see it:\n" +
                   "  brontes watch --registry etcd://" + node.address() + "\n");
  until.wait();
  node.kill();  // watches never end by themselves, and what it holds ends with it
  return kDone;
}

}  // namespace

Command registry_command() {
  return {
      {.name = "registry",
       .arguments = "",
       .summary = "serves a registry to the processes of this machine, as an etcd would, in memory",
       .options =
           with_common({{"--listen", "H:P", "where (default 127.0.0.1:2379); port 0: a free one"},
                        {"--history", "N", "changes that watches can go back (default 100000)"},
                        {"--max-keys", "N", "keys, and leases, that it holds (default 200000)"}})},
      serve};
}

}  // namespace brontes::cli
