// A shared port with both doors behind it, as a node puts them together, in plain text or TLS.
#pragma once

#include <brontes/gateway/http_door.hpp>
#include <brontes/runtime/listener.hpp>
#include <functional>
#include <memory>
#include <string>

#include "../runtime/certificates.hpp"
#include "../runtime/grpc_world.hpp"
#include "raw_client.hpp"

namespace brontes::testing {

enum class Form { kPlain, kTls, kMutual };

/// Certificates of a CA: "server", "client" (with a URI and a name), and "stranger" of another CA.
const Certificates& certificates();

struct PortOptions {
  Form form = Form::kPlain;
  GrpcDoorOptions grpc = {};
  HttpDoorOptions http = {};
  std::function<void(ListenerOptions&)> change = [](ListenerOptions&) {};
};

/// Serves Echo: Say tells who calls; "never" waits until it is cancelled.
class PortWorld {
 public:
  explicit PortWorld(PortOptions options);
  ~PortWorld();

  int port() const { return listener_.port; }
  ConnectionCounts counts() const { return listener_.counts(); }
  /// Until the counts are as wanted; false when they never are.
  bool eventually(const std::function<bool(const ConnectionCounts&)>& wanted) const;
  GrpcDoor& grpc() { return *grpc_; }
  HttpDoor& http() { return *http_; }
  Recorder& recorder() { return *recorder_; }

  /// A client that is welcome. `certificate`: "client", "stranger", "" (none).
  std::unique_ptr<Echo::Stub> stub(const std::string& certificate = "client") const;
  RawOptions raw(std::vector<std::string> alpn = {},
                 const std::string& certificate = "client") const;

 private:
  const Form form_;
  MethodTable table_;
  std::shared_ptr<Recorder> recorder_ = std::make_shared<Recorder>();
  std::unique_ptr<GrpcDoor> grpc_;
  std::unique_ptr<HttpDoor> http_;
  System system_;
  Listener listener_;
};

/// Runs in each form.
class EachForm : public ::testing::TestWithParam<Form> {};
std::string name_of(const ::testing::TestParamInfo<Form>& form);
#define BRONTES_EACH_FORM(suite)        \
  INSTANTIATE_TEST_SUITE_P(Port, suite, \
                           ::testing::Values(Form::kPlain, Form::kTls, Form::kMutual), name_of)

/// Standard output of a command.
std::string output_of(const std::string& command);

/// A request of HTTP/1.1 that calls Say, and the connection stays.
std::string say_request(const std::string& more_headers = "", const std::string& name = "x");
/// The reply with Content-Length that comes next: head and body.
std::string read_reply(RawClient& client);

/// The first flight of a gRPC client: preface, and the SETTINGS by which grpc-core is known.
std::string http2_opening();
struct Http2Frame {
  int type = -1, flags = 0;  ///< -1: the connection has ended
  std::string payload;
};
Http2Frame read_frame(RawClient& client);
constexpr int kSettingsFrame = 4, kPingFrame = 6, kGoAwayFrame = 7;
/// Reads until one of that type comes, or the end.
Http2Frame read_frame_of(RawClient& client, int type);

}  // namespace brontes::testing
