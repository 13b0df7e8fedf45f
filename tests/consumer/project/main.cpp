// A user's service, built against the installed package: its own proto, its own handler.
#include <brontes/actors/call/handlers.hpp>
#include <brontes/actors/call/method_table.hpp>
#include <brontes/runtime/version.hpp>
#include <cstdio>
#include <string>

#include "quotes.brontes.hpp"
#include "quotes.grpc.pb.h"

using quotes::v1::GetRequest;
using quotes::v1::Quote;
using quotes::v1::QuotesMethods;

int main() {
  brontes::Functions<QuotesMethods> quotes;
  quotes.on<QuotesMethods::Get>([](const GetRequest& request, Quote& reply) {
    reply.set_text("by " + request.author());
    return brontes::Status();
  });
  brontes::MethodTable table;
  for (const brontes::Method& method : quotes.rows())
    if (const auto added = table.add(method); !added.ok()) {
      std::printf("%s\n", added.to_string().c_str());
      return 1;
    }
  std::printf("brontes %s serves", brontes::version());
  for (const auto& [path, method] : table.rows()) std::printf(" %s", std::string(path).c_str());
  std::printf("\n");
  return 0;
}
