// Where the connection of a client that shows no socket, such as a gRPC channel, comes from.
#pragma once

#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>

namespace brontes::testing {

/// "127.0.0.1:51234": the client's end of the one IPv4 connection to that port of this host, as the
/// kernel lists it; several are joined by spaces, none is "".
inline std::string client_address(int port) {
  constexpr int kEstablished = 1;
  std::string found;
  // A client's socket may be an IPv6 one that speaks IPv4; the address is the last word then.
  for (const char* table : {"/proc/self/net/tcp", "/proc/self/net/tcp6"}) {
    std::ifstream file(table);
    std::string line;
    std::getline(file, line);  // the headings
    while (std::getline(file, line)) {
      std::istringstream words(line);
      std::string number, own, peer, state;
      words >> number >> own >> peer >> state;
      const auto colon = own.find(':');
      if (std::stoi(state, nullptr, 16) != kEstablished ||
          std::stoi(peer.substr(peer.find(':') + 1), nullptr, 16) != port)
        continue;
      // Written as a number of this machine, whose bytes are in network order.
      const auto ip = static_cast<std::uint32_t>(std::stoul(own.substr(colon - 8, 8), nullptr, 16));
      const auto* bytes = reinterpret_cast<const unsigned char*>(&ip);
      found += found.empty() ? "" : " ";
      for (int i = 0; i < 4; ++i) found += (i > 0 ? "." : "") + std::to_string(bytes[i]);
      found += ":" + std::to_string(std::stoi(own.substr(colon + 1), nullptr, 16));
    }
  }
  return found;
}

}  // namespace brontes::testing
