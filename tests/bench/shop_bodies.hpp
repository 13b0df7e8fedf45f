// What is sent to the servers of shop.proto, and what they have to answer.
#pragma once

#include <string>

namespace brontes::bench {

/// The JSON of an order in that state: about 1.5 KB.
inline std::string order_json(const std::string& state) {
  std::string items;
  for (int i = 1; i <= 9; ++i) {
    const std::string number = std::to_string(i);
    items += i > 1 ? "," : "";
    items += R"({"article":"A-100)" + number + R"(","title":"Loaf of bread, number )" + number +
             R"(","quantity":)" + number + R"(,"cents":")" + std::to_string(420 * i) +
             R"(","weight":0.5,"gift":)" + (i % 2 == 0 ? "true" : "false") +
             R"(,"tags":["food","fresh","daily"]})";
  }
  return R"({"id":"order-2741","state":")" + state +
         R"(","customer":"Ada Lovelace","address":{"street":"12 St James's Square",)"
         R"("city":"London","country":"GB"},"items":[)" +
         items + "]}";
}

/// A request as curl writes it, and the JSON that answers it.
struct Exchange {
  std::string request, reply;
};

inline Exchange small_exchange() {
  return {
      "GET /v1/say/world HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench_http\r\n"
      "Accept: */*\r\n\r\n",
      R"({"message":"hello, world"})"};
}

inline Exchange order_exchange() {
  const std::string body = order_json("NEW");
  return {
      "POST /v1/orders HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench_http\r\n"
      "Accept: */*\r\nContent-Type: application/json\r\nContent-Length: " +
          std::to_string(body.size()) + "\r\n\r\n" + body,
      order_json("ACCEPTED")};
}

}  // namespace brontes::bench
