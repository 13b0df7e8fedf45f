#include <gtest/gtest.h>
#include <brontes/actors/call/handlers.hpp>
#include <brontes/runtime/detail/node_chain.hpp>
#include <testing.brontes.hpp>

namespace brontes::detail {
namespace {

using Echo = testing::EchoMethods;

class Named final : public Interceptor {
 public:
  explicit Named(std::string name) : name_(std::move(name)) {}
  const char* name() const override { return name_.c_str(); }

 private:
  const std::string name_;
};

struct Planned : ::testing::Test {
  Planned() {
    for (const Method& method : unimplemented_rows(Echo::All{}))
      EXPECT_TRUE(table.add(method).ok());
    for (const char* name : {"outer", "inner"}) chain.append(std::make_shared<Named>(name));
  }
  Status install(const std::map<std::string, InterceptorSettings>& settings = {}) {
    std::vector<const Method*> methods;
    for (const auto& [path, method] : table.rows()) methods.push_back(&method);
    return chain.install(table, methods, settings);
  }
  std::string chain_of(const std::string& method) {
    std::string names;
    for (const auto& one : table.find("/brontes.testing.Echo/" + method)->chain.all)
      names += std::string(names.empty() ? "" : " ") + one->name();
    return names;
  }

  NodeChain chain;
  MethodTable table;
};

TEST_F(Planned, InterceptorsGoInFrontOfTheOneThatIsNamed) {
  EXPECT_TRUE(chain.insert(std::make_shared<Named>("a"), "inner").ok());
  EXPECT_TRUE(chain.insert(std::make_shared<Named>("b"), "inner").ok());
  EXPECT_TRUE(chain.insert(std::make_shared<Named>("c"), "outer").ok());
  EXPECT_TRUE(install().ok());
  EXPECT_EQ(chain_of("Say"), "c outer a b inner");
}

TEST_F(Planned, AnUnknownPlaceIsSaid) {
  EXPECT_EQ(
      chain.insert(std::make_shared<Named>("a"), "iner"),
      Status(Errc::kInvalidArgument, "intercept a: there is no 'iner' to put it in front of"));
}

TEST_F(Planned, SettingsSelectServicesAndMethods) {
  EXPECT_TRUE(install({{"outer", {.only = {"brontes.testing.Echo/Say"}}},
                       {"inner", {.except = {"brontes.testing.Echo/Say"}}}})
                  .ok());
  EXPECT_EQ(chain_of("Say"), "outer");
  EXPECT_EQ(chain_of("Chat"), "inner");
}

TEST_F(Planned, WhatSettingsNameInVainIsToldWithItsOrigin) {
  const Status status =
      install({{"iner", {.only = {"brontes.testing.Echo"}, .only_origin = "app.yaml:7"}},
               {"outer", {.except = {"brontes.testing.Echo/Sai"}, .except_origin = "app.yaml:9"}}});
  EXPECT_EQ(status.code(), Errc::kInvalidArgument);
  EXPECT_EQ(status.message(),
            "app.yaml:7: interceptors.iner: this node has no interceptor of that name; did you "
            "mean inner?; it has outer, inner\n"
            "app.yaml:9: interceptors.outer.except: 'brontes.testing.Echo/Sai' is no service or "
            "method of this node; did you mean brontes.testing.Echo/Say?");
  EXPECT_EQ(chain_of("Say"), "") << "nothing is installed";
}

TEST_F(Planned, TheDescriptionSaysWhatSelects) {
  EXPECT_TRUE(
      install({{"inner", {.except = {"brontes.testing.Echo/Say"}, .except_origin = "app.yaml:9"}}})
          .ok());
  const std::string text = chain.describe(table);
  EXPECT_TRUE(text.ends_with("/brontes.testing.Echo/Say\n  outer            every method\n"))
      << text;
  EXPECT_NE(text.find("/brontes.testing.Echo/Chat\n  outer            every method\n"
                      "  inner            except brontes.testing.Echo/Say (app.yaml:9)\n"),
            std::string::npos)
      << text;
}

}  // namespace
}  // namespace brontes::detail
