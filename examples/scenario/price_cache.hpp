// An actor of your own: asks a price source once, answers from memory for ten seconds, and rather
// tells an old price than none when the source is down.
#pragma once

#include <brontes/actors/caf.hpp>
#include <map>
#include <string>

namespace shop {

struct GetPrice {
  std::string article;
};
/// kUnavailable: the source is down and never told this price before.
struct Price {
  int cents = 0;
  bool is_stale = false;
};

}  // namespace shop

BRONTES_MESSAGE(shop::GetPrice)
BRONTES_MESSAGE(shop::Price)

namespace shop {

/// Source and cache speak the same protocol.
using Prices = brontes::Interface<Price(GetPrice)>;

class PriceCacheActor : public Prices::base {
 public:
  PriceCacheActor(caf::actor_config& config, Prices source)
      : Prices::base(config), source_(std::move(source)) {}

  const char* name() const override { return "shop.price_cache"; }

  Prices::behavior_type make_behavior() override {
    return {[this](const GetPrice& request) -> caf::result<Price> { return get(request.article); }};
  }
  void on_exit() override { source_ = nullptr; }  // handles that are kept keep actors alive

 private:
  struct Entry {
    int cents = 0;
    brontes::TimePoint known_at;
  };

  caf::result<Price> get(const std::string& article) {
    const auto known = entries_.find(article);
    if (known != entries_.end() && brontes::now(this) - known->second.known_at < kFresh)
      return Price{known->second.cents};
    auto promise = make_response_promise<Price>();
    brontes::ask(this, source_, kPatience, GetPrice{article})
        .then([=, this](const Price& price) mutable { learn(article, price, promise); },
              [=, this](const caf::error& error) mutable { make_do(article, error, promise); });
    return promise;
  }
  void learn(const std::string& article, const Price& price,
             caf::typed_response_promise<Price>& promise) {
    entries_[article] = {price.cents, brontes::now(this)};
    promise.deliver(price);
  }
  void make_do(const std::string& article, const caf::error& error,
               caf::typed_response_promise<Price>& promise) {
    const auto known = entries_.find(article);
    if (known == entries_.end())
      promise.deliver(error);
    else
      promise.deliver(Price{known->second.cents, true});
  }

  static constexpr brontes::Duration kFresh = std::chrono::seconds(10);
  static constexpr brontes::Duration kPatience = std::chrono::seconds(1);
  Prices source_;
  std::map<std::string, Entry> entries_;
};

}  // namespace shop
