// What serves the methods of a node: who stands in the table, and the actors, which come last.
#include <google/protobuf/descriptor.h>

#include <brontes/runtime/detail/node_state.hpp>
#include <brontes/runtime/grpc/adopted_service.hpp>
#include <future>
#include <set>

namespace brontes {
namespace {

/// Told by the first start of each replica; crashes later on are the host's business.
class FirstStart {
 public:
  explicit FirstStart(std::size_t replicas) : left_(replicas) {}

  void note(const Status& status) {
    const std::lock_guard lock(mutex_);
    if (left_ == 0) return;
    left_ = status.ok() ? left_ - 1 : 0;
    if (left_ == 0) outcome_.set_value(status);
  }
  std::future<Status> outcome() { return outcome_.get_future(); }

 private:
  std::mutex mutex_;
  std::size_t left_;
  std::promise<Status> outcome_;
};

HostOptions watched(HostOptions options, std::shared_ptr<FirstStart> first) {
  options.on_started = [first = std::move(first),
                        also = std::move(options.on_started)](const Status& status) {
    first->note(status);
    if (also) also(status);
  };
  return options;
}

Status adopted_twice(std::string_view path) {
  return {Errc::kInvalidArgument,
          "adopt " + std::string(path) + ": the node serves it already; a method has one handler"};
}

Status served_twice(std::string_view path) {
  return {Errc::kInvalidArgument,
          "serve " + std::string(path) + ": the node serves it already; a method has one handler"};
}

/// REST and reflection know a method by its descriptor: without it they would miss it in silence.
Status described(const Method& row) {
  const std::string method = std::string(row.service()) + "." + std::string(row.name());
  if (google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(method)) return {};
  return {
      Errc::kInvalidArgument,
      "serve " + std::string(row.path) +
          ": its descriptor is not linked; link the whole library of its .proto (--whole-archive), "
          "or make it with brontes_proto()"};
}

}  // namespace

bool Node::State::is_adopted(std::string_view path) const {
  for (const auto& service : adopted)
    for (const Method& row : service->rows())
      if (row.path == path) return true;
  return false;
}

void Node::State::add_row(Method row) {
  const std::string_view path = row.path;
  if (Status known = described(row); !known.ok()) return note(std::move(known));
  const Status added = table.add(std::move(row));
  if (added.ok()) return;
  if (added.code() != Errc::kAlreadyExists) return note(added);
  note(is_adopted(path) ? adopted_twice(path) : served_twice(path));
}

// The rows of actors come into the table later, when the actors are made.
Status Node::State::check_actors() const {
  std::set<std::string_view> seen;
  for (const auto& plan : host_plans)
    for (const Method& row : plan.rows) {
      if (Status known = described(row); !known.ok()) return known;
      if (is_adopted(row.path)) return adopted_twice(row.path);
      if (table.find(row.path) != nullptr || !seen.insert(row.path).second)
        return served_twice(row.path);
    }
  return {};
}

Status Node::State::start_handlers() {
  for (auto& plan : host_plans) {
    if (given_up) return {Errc::kCancelled, "the start was given up"};
    const std::string service(plan.rows.empty() ? "" : plan.rows.front().service());
    auto first = std::make_shared<FirstStart>(plan.service.options.replicas);
    auto started = first->outcome();
    auto host = ServiceHost::open(system, table, std::move(plan.rows),
                                  watched(plan.service.options, std::move(first)),
                                  std::move(plan.service.make));
    if (!host) return host.error();
    hosts.push_back(std::move(*host));
    mailboxes->add(service, hosts.back()->waiting());
    if (const Status status = started.get(); !status.ok())
      return {status.code(), service + ": " + status.message()};
  }
  host_plans.clear();
  return {};
}

}  // namespace brontes
