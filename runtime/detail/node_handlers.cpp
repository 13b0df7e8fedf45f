// What serves the methods of a node: who stands in the table, and the actors, which come last.
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

}  // namespace

bool Node::State::is_adopted(std::string_view path) const {
  for (const auto& service : adopted)
    for (const Method& row : service->rows())
      if (row.path == path) return true;
  return false;
}

void Node::State::add_row(Method row) {
  const std::string_view path = row.path;
  Status added = table.add(std::move(row));
  if (added.ok()) return;
  note(is_adopted(path) ? adopted_twice(path) : std::move(added));
}

// The rows of actors come into the table later, when the actors are made.
Status Node::State::check_actors() const {
  std::set<std::string_view> seen;
  for (const auto& plan : host_plans)
    for (const Method& row : plan.rows) {
      if (is_adopted(row.path)) return adopted_twice(row.path);
      if (table.find(row.path) != nullptr || !seen.insert(row.path).second)
        return {Errc::kAlreadyExists, std::string(row.path) + " is served twice"};
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
