// Text of a handler that HTTP/2 cannot carry as it is.
#include "grpc_world.hpp"

namespace brontes::testing {
namespace {

void add_odd_echo(MethodTable& table) {
  Functions<EchoMethods> echo;
  echo.on<EchoMethods::Say>([](const Ask&, Answer&, Call& call) {
    call.add_header("user", "J\xc3\xbcrgen");
    call.add_header("x-head", "h");
    call.add_trailer("X-Upper", "t");
    call.add_trailer("x-line", "a\nb");
    call.add_trailer("x-tail", "t");
    return Status(Errc::kAborted, "a \xff\nb", std::string("\0\xff\n", 3));
  });
  for (const Method& method : echo.rows()) EXPECT_TRUE(table.add(method).ok());
}

TEST(GrpcMetadata, IllegalHeadersAndTrailersAreDroppedAndTheStatusIsWhole) {
  GrpcWorld world(on_any_port(), add_odd_echo);
  Context context;
  Answer answer;
  const auto status = world.stub->Say(&context, ask_for("ada"), &answer);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::ABORTED);
  EXPECT_EQ(status.error_message(), "a \xff\nb");
  EXPECT_EQ(status.error_details(), std::string("\0\xff\n", 3));
  const auto& headers = context.GetServerInitialMetadata();
  const auto& trailers = context.GetServerTrailingMetadata();
  EXPECT_EQ(headers.count("x-head") + trailers.count("x-head"), 1u);
  EXPECT_EQ(headers.count("user") + trailers.count("user"), 0u);
  EXPECT_EQ(trailers.count("x-tail"), 1u);
  EXPECT_EQ(trailers.count("x-line"), 0u);
}

}  // namespace
}  // namespace brontes::testing
