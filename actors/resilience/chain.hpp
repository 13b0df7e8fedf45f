// Layers around a function or a call, the first one outermost:
//
//   auto guarded = chain(otherwise(price_from_cache), breaker, limit, time_limit);
//   Expected<Price> price = guarded.run(ask_the_shop);                      // on this thread
//   guarded.start([&] { return call<Shop::GetPrice>(channel, request); })   // continues later
//       .then(executor, [](Expected<Price> price) { ... });
//
// The first layer sees the call first and its result last. Manual: docs/resilience.md.
#pragma once

#include <brontes/actors/resilience/detail/layer.hpp>
#include <brontes/actors/resilience/later.hpp>
#include <cstddef>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace brontes {

/// Immutable: copies share the guards. Thread-safe. Made by chain(); is a layer itself.
template <class... Layers>
class GuardChain {
 public:
  explicit GuardChain(Layers... layers)
      : layers_(std::make_shared<const std::tuple<Layers...>>(std::move(layers)...)) {}

  /// Makes the call now, on this thread, or not at all: a layer that would let it wait refuses it.
  /// `f()` or `f(const CallTerms&)` returns an Expected<T> or a Status, as does this. What it
  /// throws counts as a failure, and goes on to the caller.
  template <class F>
  detail::MadeBy<F> run(F&& f, const CallTerms& terms = no_terms()) const {
    auto passed = around(terms, [&] { return detail::passed(detail::make_call(f, terms)); });
    if constexpr (std::is_same_v<detail::MadeBy<F>, Status>)
      return passed.result ? Status() : std::move(passed.result).error();
    else
      return std::move(passed.result);
  }

  /// Makes the call when the layers let it in: now, on this thread, if none makes it wait. `f` may
  /// be move-only; it returns what has `.then(executor, continuation)`, as ClientCall<T> and
  /// Later<T> do, or a result. What it throws becomes kInternal. Never blocks.
  template <class F, class T = typename detail::ResultOf<detail::MadeBy<F>>::Value>
  Later<T> start(F f, CallTerms terms = {}) const {
    auto point = std::make_shared<detail::MeetingPoint<T>>();
    if (terms.cancellation)
      point->parent =
          terms.cancellation->subscribe([own = point->cancellation] { own->request(); });
    terms.cancellation = point->cancellation;
    detail::Inner<T> call = [f = std::make_shared<F>(std::move(f))](
                                const detail::TermsPtr& inner, const detail::PassedOn<T>& done) {
      detail::start_call<T>(*f, inner, done);
    };
    around_later<T>(std::make_shared<const CallTerms>(std::move(terms)), std::move(call),
                    [point](detail::Passed<T> passed) { point->give(std::move(passed.result)); });
    return Later<T>(point);
  }

  /// "breaker shop > bulkhead tenants > at most 1 s": outermost first.
  std::string describe() const {
    std::string text;
    std::apply([&](const auto&... layer) { (append(text, layer.describe()), ...); }, *layers_);
    return text;
  }

  // As a layer of another chain.
  template <class Next>
  std::invoke_result_t<Next&> around(const CallTerms& terms, Next&& next) const {
    return around_from<0>(terms, next);
  }
  template <class T>
  void around_later(const detail::TermsPtr& terms, detail::Inner<T> call,
                    detail::PassedOn<T> done) const {
    later_from<T, 0>(layers_, terms, std::move(call), std::move(done));
  }

 private:
  using Shared = std::shared_ptr<const std::tuple<Layers...>>;

  static const CallTerms& no_terms() {
    static const CallTerms none;
    return none;
  }
  static void append(std::string& text, const std::string& more) {
    if (!text.empty() && !more.empty()) text += " > ";
    text += more;
  }

  template <std::size_t I, class Next>
  std::invoke_result_t<Next&> around_from(const CallTerms& terms, Next& next) const {
    if constexpr (I == sizeof...(Layers))
      return next();
    else
      return std::get<I>(*layers_).around(terms, [&] { return around_from<I + 1>(terms, next); });
  }

  // Holds the layers itself: the chain may be gone when a call that waited is made.
  template <class T, std::size_t I>
  static void later_from(const Shared& layers, const detail::TermsPtr& terms, detail::Inner<T> call,
                         detail::PassedOn<T> done) {
    if constexpr (I == sizeof...(Layers)) {
      call(terms, std::move(done));
    } else {
      auto next = [layers, call = std::move(call)](const detail::TermsPtr& inner,
                                                   detail::PassedOn<T> back) {
        later_from<T, I + 1>(layers, inner, call, std::move(back));
      };
      std::get<I>(*layers).template around_later<T>(terms, std::move(next), std::move(done));
    }
  }

  Shared layers_;
};

namespace detail {
template <class G>
requires std::is_base_of_v<Guard, G> GuardLayer layer_of(std::shared_ptr<G> guard) {
  return GuardLayer(std::move(guard));
}
template <class Layer>
requires requires(const Layer& layer) { layer.describe(); }
Layer layer_of(Layer layer) { return layer; }
}  // namespace detail

/// Of guards (a null one lets everything through), otherwise(...), time limits and chains.
template <class... Parts>
auto chain(Parts... parts) {
  return GuardChain<decltype(detail::layer_of(std::move(parts)))...>(
      detail::layer_of(std::move(parts))...);
}

}  // namespace brontes
