// A user's service, built against the installed package: a proto and a handler of its own, served
// by a node over gRPC and REST, and called through discovery and with curl.
#include <brontes/discovery/channel/client_call.hpp>
#include <brontes/runtime/node.hpp>
#include <brontes/runtime/version.hpp>
#include <cstdlib>
#include <iostream>
#include <string>

#include "quotes.brontes.hpp"
#include "quotes.grpc.pb.h"
#include "shelf/old-quotes.brontes.hpp"

using quotes::v1::GetRequest;
using quotes::v1::Quote;
using quotes::v1::QuotesMethods;
using shelf::v1::OldQuotesMethods;

brontes::Status call_by_discovery(brontes::Node& node) {
  const auto channel = node.channel("discovery:///quotes/v1");
  if (!channel) return channel.error();
  GetRequest request;
  request.set_author("anonymous");
  const auto quote = brontes::call<QuotesMethods::Get>(*channel, request).wait();
  if (!quote) return quote.error();
  std::cout << "gRPC: " << quote->text() << std::endl;
  return {};
}

brontes::Status call_by_curl(brontes::Node& node, const std::string& path) {
  const std::string url = "http://" + node.address() + path;
  std::cout << "REST: " << std::flush;
  if (std::system(("curl -sSf --noproxy '*' --max-time 20 " + url).c_str()) == 0) return {};
  return {brontes::Errc::kUnavailable, "curl " + url + " failed"};
}

int main(int argc, char** argv) {
  auto settings = brontes::load_settings(
      argc, argv, {.name = "quotes", .version = "v1", .listen = {"127.0.0.1", 0}});
  if (!settings) return brontes::exit_with(settings.error());
  settings->drain.min = brontes::Duration::zero();

  brontes::Functions<QuotesMethods> quotes;
  quotes.on<QuotesMethods::Get>([](const GetRequest& request, Quote& reply) {
    reply.set_text("by " + request.author());
    return brontes::Status();
  });
  brontes::Functions<OldQuotesMethods> old_quotes;
  old_quotes.on<OldQuotesMethods::Get>([](const GetRequest& request, Quote& reply) {
    reply.set_text("once by " + request.author());
    return brontes::Status();
  });
  brontes::Node node(*settings);
  node.serve(quotes).serve(old_quotes);
  if (const auto started = node.start(); !started.ok()) return brontes::exit_with(started);
  if (const auto called = call_by_discovery(node); !called.ok()) return brontes::exit_with(called);
  for (const char* path : {"/v1/quotes/anonymous", "/v1/old-quotes/anonymous"})
    if (const auto called = call_by_curl(node, path); !called.ok())
      return brontes::exit_with(called);
  if (const auto stopped = node.stop(); !stopped.ok()) return brontes::exit_with(stopped);
  std::cout << "\nserved with brontes " << brontes::version() << '\n';
}
