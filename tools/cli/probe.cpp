#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <brontes/discovery/address.hpp>
#include <brontes/discovery/channel/client_call.hpp>
#include <brontes/tools/cli/probe.hpp>
#include <cerrno>
#include <memory>
#include <system_error>

namespace brontes::cli {
namespace {

using namespace std::chrono_literals;

constexpr int kPatienceMs = 1000;
constexpr std::string_view kServing = "\x08\x01";  // HealthCheckResponse{status: SERVING}

Status ask_grpc(System& system, const std::string& address, const std::optional<ClientTls>& tls) {
  ChannelOptions way;
  way.tls = tls;
  const auto channel = Channel::open(system, "static://" + address, way);
  if (!channel) return channel.error();
  CallOptions options;
  options.timeout = std::chrono::milliseconds(kPatienceMs);
  const auto reply = call_bytes(*channel, "/grpc.health.v1.Health/Check", "", options).wait();
  if (!reply) return reply.error();
  if (*reply == kServing) return {};
  return {Errc::kUnavailable, "it says that it does not serve"};
}

Status failed(int error) { return {Errc::kUnavailable, std::generic_category().message(error)}; }

Status connect_to(const addrinfo& where) {
  const int fd = socket(where.ai_family, where.ai_socktype | SOCK_NONBLOCK, where.ai_protocol);
  if (fd < 0) return failed(errno);
  const std::shared_ptr<const int> closer(&fd, [](const int* socket) { ::close(*socket); });
  if (connect(fd, where.ai_addr, where.ai_addrlen) == 0) return {};
  if (errno != EINPROGRESS) return failed(errno);
  pollfd wait{fd, POLLOUT, 0};
  if (poll(&wait, 1, kPatienceMs) == 0) return failed(ETIMEDOUT);
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  return error == 0 ? Status() : failed(error);
}

Status ask_tcp(const std::string& address) {
  const auto parts = split_address(address);
  if (!parts) return parts.error();
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int trouble =
      getaddrinfo(parts->host.c_str(), std::to_string(parts->port).c_str(), &hints, &found);
  if (trouble != 0) return {Errc::kUnavailable, gai_strerror(trouble)};
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> all(found, freeaddrinfo);
  Status status = failed(EADDRNOTAVAIL);
  for (const addrinfo* each = found; each != nullptr && !status.ok(); each = each->ai_next)
    status = connect_to(*each);
  return status;
}

}  // namespace

Expected<Probe> parse_probe(std::string_view text) {
  if (text == "none") return Probe::kNone;
  if (text == "grpc") return Probe::kGrpc;
  if (text == "tcp") return Probe::kTcp;
  return fail(Errc::kInvalidArgument,
              "--probe takes none, grpc or tcp, not '" + std::string(text) + "'");
}

Status ask_whether_it_serves(System& system, Probe probe, const std::string& address,
                             const std::optional<ClientTls>& tls) {
  switch (probe) {
    case Probe::kGrpc:
      return ask_grpc(system, address, tls);
    case Probe::kTcp:
      return ask_tcp(address);
    case Probe::kNone:
      break;
  }
  return {};
}

}  // namespace brontes::cli
