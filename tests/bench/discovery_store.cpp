#include "discovery_store.hpp"

#include <grpcpp/grpcpp.h>

#include <brontes/actors/log.hpp>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "etcd_api.grpc.pb.h"
#include "server_process.hpp"

namespace brontes::bench {
namespace {

namespace api = etcdserverpb;

constexpr const char* kRoot = "/hestia/registry-etcd/";
constexpr int kTxn = 128;

void must(const grpc::Status& status) {
  if (!status.ok()) give_up(status.error_message());
}

void set(api::PutRequest& put, const Instance& what) {
  put.set_key(kRoot + record_key(what));
  put.set_value(to_json(what));
}

}  // namespace

void give_up(const std::string& why) {
  std::fprintf(stderr, "bench_discovery: %s\n", why.c_str());
  std::exit(1);
}

Instance instance(int number) {
  Instance result;
  result.name = "svc";
  result.version = "v1";
  result.instance_id = fmt::format("{:032x}", number);
  result.address =
      fmt::format("10.{}.{}.{}:50051", number >> 16, (number >> 8) & 255, number & 255);
  return result;
}

struct Store::Keys {
  explicit Keys(const std::string& address) {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(-1);
    stub = api::KV::NewStub(
        grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments));
  }
  std::unique_ptr<api::KV::Stub> stub;
};

Store::Store(std::string address)
    : address_(std::move(address)), keys_(std::make_unique<Keys>(address_)) {}

Store::Store() {
  const std::string command = program_beside("brontes") +
                              " registry --listen 127.0.0.1:0 --json --max-keys 300000"
                              " & echo $!; wait";
  output_ = ::popen(command.c_str(), "r");
  char line[512];
  if (output_ == nullptr || std::fgets(line, sizeof line, output_) == nullptr)
    give_up("brontes registry does not start");
  pid_ = std::atoi(line);
  while (address_.empty() && std::fgets(line, sizeof line, output_) != nullptr) {
    const char* found = std::strstr(line, "\"address\":\"");
    if (found != nullptr) address_.assign(found + 11, std::strchr(found + 11, '"'));
  }
  if (address_.empty()) give_up("brontes registry does not serve");
  keys_ = std::make_unique<Keys>(address_);
}

Store::~Store() {
  if (output_ == nullptr) return;
  ::kill(pid_, SIGKILL);
  ::pclose(output_);
}

void Store::fill(int count) {
  for (int at = 0; at < count;) {
    api::TxnRequest request;
    for (int i = 0; i < kTxn && at < count; ++i)
      set(*request.add_success()->mutable_request_put(), instance(at++));
    grpc::ClientContext context;
    api::TxnResponse reply;
    must(keys_->stub->Txn(&context, request, &reply));
  }
}

void Store::put(const Instance& what) {
  api::PutRequest request;
  set(request, what);
  grpc::ClientContext context;
  api::PutResponse reply;
  must(keys_->stub->Put(&context, request, &reply));
}

int Store::range() {
  api::RangeRequest request;
  request.set_key(std::string(kRoot) + "svc/");
  request.set_range_end(std::string(kRoot) + "svc0");
  grpc::ClientContext context;
  api::RangeResponse reply;
  must(keys_->stub->Range(&context, request, &reply));
  return reply.kvs_size();
}

}  // namespace brontes::bench
