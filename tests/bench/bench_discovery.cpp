// What discovery costs at scale, over `brontes registry` as a process of its own. The case says
// what:
//   list-COUNT     {"list_ms", "bare_ms"}: a list as users get it, and the bare range of the same
//   keys memory-COUNT   {"bytes"}: per instance, of a subscriber that knows them all change
//   {"p50_ms", "p99_ms"}: from the answer to a put to the subscriber's callback fanout-COUNT
//   {"ms"}: from the first to the last of so many subscribers to one change
#include <grpcpp/grpcpp.h>
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <brontes/actors/log.hpp>
#include <brontes/discovery/discovery.hpp>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "etcd_api.grpc.pb.h"
#include "server_process.hpp"

namespace {

namespace api = etcdserverpb;
using namespace std::chrono_literals;
using brontes::Discovery;
using brontes::Instance;
using brontes::TimePoint;

constexpr brontes::Duration kHang = 60s;
constexpr int kTxn = 128;

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "bench_discovery: %s\n", why.c_str());
  std::exit(1);
}

TimePoint now() { return brontes::system_clock().now(); }
double ms(brontes::Duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
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

/// The registry, and a client without any of ours in between.
class Store {
 public:
  Store() {
    output_ = ::popen((brontes::bench::program_beside("brontes") +
                       " registry --listen 127.0.0.1:0 --json --max-keys 300000 & echo $!; wait")
                          .c_str(),
                      "r");
    char line[512];
    if (output_ == nullptr || std::fgets(line, sizeof line, output_) == nullptr)
      give_up("brontes registry does not start");
    pid_ = std::atoi(line);
    while (std::fgets(line, sizeof line, output_) != nullptr && address_.empty()) {
      const char* found = std::strstr(line, "\"address\":\"");
      if (found != nullptr) address_.assign(found + 11, std::strchr(found + 11, '"'));
      if (!address_.empty()) break;
    }
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(-1);
    keys_ = api::KV::NewStub(
        grpc::CreateCustomChannel(address_, grpc::InsecureChannelCredentials(), arguments));
  }
  ~Store() {
    ::kill(pid_, SIGKILL);
    ::pclose(output_);
  }
  std::string url() const { return "etcd://" + address_; }

  void fill(int count) {
    for (int at = 0; at < count;) {
      api::TxnRequest request;
      for (int i = 0; i < kTxn && at < count; ++i) add(*request.add_success(), instance(at++));
      grpc::ClientContext context;
      api::TxnResponse reply;
      must(keys_->Txn(&context, request, &reply));
    }
  }
  void put(const Instance& what) {
    api::RequestOp operation;
    add(operation, what);
    grpc::ClientContext context;
    api::PutResponse reply;
    must(keys_->Put(&context, operation.request_put(), &reply));
  }
  /// How many came.
  int range() {
    api::RangeRequest request;
    request.set_key(std::string(kRoot) + "svc/");
    request.set_range_end(std::string(kRoot) + "svc0");
    grpc::ClientContext context;
    api::RangeResponse reply;
    must(keys_->Range(&context, request, &reply));
    return reply.kvs_size();
  }

 private:
  static constexpr const char* kRoot = "/hestia/registry-etcd/";
  static void add(api::RequestOp& to, const Instance& what) {
    to.mutable_request_put()->set_key(kRoot + record_key(what));
    to.mutable_request_put()->set_value(to_json(what));
  }
  static void must(const grpc::Status& status) {
    if (!status.ok()) give_up(status.error_message());
  }
  FILE* output_ = nullptr;
  int pid_ = 0;
  std::string address_;
  std::unique_ptr<api::KV::Stub> keys_;
};

void list(int count) {
  Store store;
  store.fill(count);
  brontes::System system;
  Discovery discovery(system, {.registry = store.url()});
  double ours = 1e9, bare = 1e9;  // the best of three: what else runs here is not of interest
  for (int i = 0; i < 3; ++i) {
    TimePoint begin = now();
    if (store.range() != count) give_up("not all keys came");
    bare = std::min(bare, ms(now() - begin));
    begin = now();
    const auto listed = discovery.list(brontes::Query{"svc", "v1"}, kHang);
    if (!listed || (*listed)->instances.size() != static_cast<std::size_t>(count))
      give_up(listed ? "not all instances came" : listed.error().to_string());
    ours = std::min(ours, ms(now() - begin));
  }
  std::printf("{\"list_ms\": %.3f, \"bare_ms\": %.3f}\n", ours, bare);
}

/// A subscriber that can be waited for.
class Watcher {
 public:
  Watcher(Discovery& discovery, const brontes::Query& query) {
    auto made = discovery.subscribe(query, [this](const brontes::DiscoveryEvent& event) {
      const std::lock_guard lock(mutex_);
      newest_ = event.snapshot;
      heard_ = now();
      changed_.notify_all();
    });
    if (!made) give_up(made.error().to_string());
    subscription_ = std::move(*made);
  }
  template <class F>
  TimePoint wait(F wanted) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, kHang, [&] { return newest_ && wanted(*newest_); }))
      give_up("the subscriber waits in vain");
    return heard_;
  }
  /// Lets a while pass in which nothing is heard.
  void rest(brontes::Duration pause) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, pause, [] { return false; });
  }
  TimePoint wait_for_count(std::size_t count) {
    return wait([count](const brontes::Snapshot& s) { return s.instances.size() == count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  brontes::SnapshotPtr newest_;
  TimePoint heard_;
  brontes::Subscription subscription_;
};

double resident_bytes() {
  ::malloc_trim(0);
  long pages = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

void memory(int count) {
  Store store;
  store.fill(count / 10);
  brontes::System system;
  Discovery discovery(system, {.registry = store.url()});
  Watcher watcher(discovery, {"svc", "v1"});
  watcher.wait_for_count(static_cast<std::size_t>(count / 10));
  const double before = resident_bytes();
  store.fill(count);
  watcher.wait_for_count(static_cast<std::size_t>(count));
  std::printf("{\"bytes\": %.1f}\n", (resident_bytes() - before) / (count - count / 10));
}

void change() {
  constexpr int kChanges = 200;
  Store store;
  store.fill(1000);
  brontes::System system;
  Discovery discovery(system, {.registry = store.url()});
  Watcher watcher(discovery, {"svc", "v1"});
  watcher.wait_for_count(1000);
  std::vector<double> over;
  for (int i = 0; i < kChanges; ++i) {
    store.put(instance(1000 + i));
    const TimePoint answered = now();
    over.push_back(ms(watcher.wait_for_count(static_cast<std::size_t>(1001 + i)) - answered));
    watcher.rest(60ms);  // changes that follow one another are told together: coalescing
  }
  std::sort(over.begin(), over.end());
  std::printf("{\"p50_ms\": %.3f, \"p99_ms\": %.3f}\n", over[kChanges / 2],
              over[kChanges * 99 / 100]);
}

void fanout(int count) {
  Store store;
  store.fill(10);
  brontes::System system;
  Discovery discovery(system, {.registry = store.url()});
  std::atomic<int> known{0}, told{0};
  std::atomic<TimePoint> first{TimePoint::max()}, last{TimePoint()};
  std::vector<brontes::Subscription> all;
  for (int i = 0; i < count; ++i) {
    auto made =
        discovery.subscribe(brontes::Query{"svc", "v1"}, [&](const brontes::DiscoveryEvent& event) {
          const std::size_t size = event.snapshot->instances.size();
          if (size == 10 && event.change.added.size() == 10) ++known, known.notify_all();
          if (size != 11) return;
          const TimePoint at = now();
          for (TimePoint seen = first; at < seen && !first.compare_exchange_weak(seen, at);) {
          }
          for (TimePoint seen = last; at > seen && !last.compare_exchange_weak(seen, at);) {
          }
          ++told;
          told.notify_all();
        });
    if (!made) give_up(made.error().to_string());
    all.push_back(std::move(*made));
  }
  for (int now = known; now < count; now = known) known.wait(now);
  store.put(instance(10));
  for (int now = told; now < count; now = told) told.wait(now);
  std::printf("{\"ms\": %.3f}\n", ms(last.load() - first.load()));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string wish = argc == 2 ? argv[1] : "";
  const int count = std::atoi(wish.substr(std::min(wish.find('-') + 1, wish.size())).c_str());
  if (wish == "change") return change(), 0;
  if (count >= 10 && wish.starts_with("list-")) return list(count), 0;
  if (count >= 10 && wish.starts_with("memory-")) return memory(count), 0;
  if (count >= 10 && wish.starts_with("fanout-")) return fanout(count), 0;
  std::fprintf(stderr, "usage: bench_discovery change | list-N | memory-N | fanout-N\n");
  return 2;
}
