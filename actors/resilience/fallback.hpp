// Something else instead of an error: a value from a cache, another service.
//
//   auto guarded = chain(otherwise(price_from_cache), breaker);
#pragma once

#include <algorithm>
#include <brontes/actors/resilience/breaker_options.hpp>
#include <brontes/actors/resilience/detail/layer.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace brontes {

namespace detail {
/// The code and details of the first error, the texts of both.
Status both_errors(const Status& cause, const Status& instead);
}  // namespace detail

/// A layer of a chain. Made by otherwise().
template <class F>
class Otherwise {
 public:
  Otherwise(F f, std::vector<Errc> codes)
      : f_(std::make_shared<F>(std::move(f))), codes_(std::move(codes)) {}

  std::string describe() const { return "otherwise"; }

  template <class Next>
  std::invoke_result_t<Next&> around(const CallTerms&, Next&& next) const {
    auto passed = next();
    if (passed.result || !covers(passed.result.error().code())) return passed;
    auto instead = detail::passed((*f_)(std::as_const(passed.result).error()));
    return judge(passed, std::move(instead));
  }

  template <class T>
  void around_later(const detail::TermsPtr& terms, const detail::Inner<T>& next,
                    detail::PassedOn<T> done) const {
    next(terms, [self = *this, terms, done = std::move(done)](detail::Passed<T> passed) {
      if (passed.result || !self.covers(passed.result.error().code()))
        return done(std::move(passed));
      const auto first = std::make_shared<const detail::Passed<T>>(std::move(passed));
      auto call = [f = self.f_, first] { return (*f)(first->result.error()); };
      detail::start_call<T>(call, terms, [first, done](detail::Passed<T> instead) {
        done(judge(*first, std::move(instead)));
      });
    });
  }

 private:
  bool covers(Errc code) const {
    return std::find(codes_.begin(), codes_.end(), code) != codes_.end();
  }
  template <class T>
  static detail::Passed<T> judge(const detail::Passed<T>& first, detail::Passed<T> instead) {
    if (instead.result) return instead;
    return {fail(detail::both_errors(first.result.error(), instead.result.error())), first.refused};
  }

  std::shared_ptr<F> f_;
  std::vector<Errc> codes_;
};

/// `f(const Status& cause)` is asked when the call fails with one of the codes, or is refused; it
/// returns what the call returns (under GuardChain::start() it may also be what comes later), and
/// may run on several threads at a time. If it fails too, the error has the code and the details of
/// the cause and the texts of both. Errors of the caller, such as kNotFound, are not covered by
/// default.
template <class F>
Otherwise<F> otherwise(F f, std::vector<Errc> codes = BreakerOptions::default_failures()) {
  return Otherwise<F>(std::move(f), std::move(codes));
}

}  // namespace brontes
