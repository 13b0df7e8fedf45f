#include "port_world.hpp"

#include <brontes/actors/caf.hpp>
#include <brontes/gateway/route_table.hpp>
#include <brontes/runtime/detail/tls_material.hpp>
#include <cstdio>
#include <thread>

namespace brontes::testing {
namespace {

std::string joined(const std::vector<std::string>& all) {
  std::string text;
  for (const auto& one : all) text += (text.empty() ? "" : ",") + one;
  return text;
}

void tell_who_calls(const CallPtr& call, const Event& event) {
  if (event.type == Event::Type::kCancelled) return call->finish(call->cancel_status());
  if (event.type != Event::Type::kStarted) return;
  call->claim();
  if (call->request<Ask>().name() == "never") return call->keep_alive();
  const PeerIdentity who = call->peer_identity();
  auto& answer = call->reply<Answer>();
  answer.set_text("peer=" + call->peer() + " name=" + who.name() + " cn=" + who.common_name +
                  " uris=" + joined(who.uris) + " dns=" + joined(who.dns_names) + ";");
  *answer.mutable_payload() = call->request<Ask>().payload();
  call->finish({});
}

void fill(MethodTable& table) {
  Functions<EchoMethods> echo;
  echo.on<EchoMethods::Say>(tell_who_calls);
  echo.on<EchoMethods::Countdown>([](const Ask& ask) {
    return [left = ask.count()](Answer& answer) mutable {
      answer.set_index(left);
      return left-- > 0;
    };
  });
  echo.on<EchoMethods::Chat>([] {
    return [](const Ask* ask, Writer<Answer>& answers) {
      Answer answer;
      if (ask) answer.set_text(ask->name());
      if (ask) answers.write(std::move(answer));
      return Status();
    };
  });
  for (const Method& method : echo.rows()) EXPECT_TRUE(table.add(method).ok());
}

TlsFiles files_of(Form form) {
  const Certificates& all = certificates();
  return {all.file("server.pem"), all.file("server.key"),
          form == Form::kMutual ? all.file("ca.pem") : ""};
}

template <class T>
T must(Expected<T> value) {
  if (!value) throw std::runtime_error(value.error().to_string());
  return std::move(*value);
}

}  // namespace

const Certificates& certificates() {
  static const auto all = [] {
    auto made = std::make_unique<Certificates>();
    made->make_ca("ca");
    made->make_ca("other-ca");
    made->make_signed("server", "ca");
    made->make_signed("client", "ca", "URI:spiffe://test/orders,DNS:orders.test,DNS:b.test");
    made->make_signed("stranger", "other-ca", "URI:spiffe://test/orders");
    return made;
  }();
  return *all;
}

PortWorld::PortWorld(PortOptions options) : form_(options.form) {
  fill(table_);
  table_.intercept(recorder_);
  if (form_ != Form::kPlain) {
    options.grpc.tls = files_of(form_);
    options.http.tls = must(detail::https_context(must(detail::load_tls(files_of(form_)))));
  }
  grpc_ = must(GrpcDoor::open(table_, std::move(options.grpc)));
  auto routes = std::make_shared<RouteTable>(RouteOptions{.unbound_methods = true});
  EXPECT_TRUE(routes->add_all(table_).empty());
  http_ = std::make_unique<HttpDoor>(
      table_, std::make_shared<Published<RouteTable>>(std::move(routes)), options.http);

  ListenerOptions port;
  port.address = "127.0.0.1:0";
  port.tls = form_ != Form::kPlain;
  port.grpc = [this](int fd, const std::string& early) { return grpc_->adopt(fd, early); };
  port.http = [this](int fd, std::string early) {
    http_->adopt(fd, std::move(early));
    return true;
  };
  options.change(port);
  listener_ = must(listen(system_, std::move(port)));
}

PortWorld::~PortWorld() {
  stop(std::exchange(listener_.actor, ListenerActor()));
  system_.caf().await_all_actors_done();
}

bool PortWorld::eventually(const std::function<bool(const ConnectionCounts&)>& wanted) const {
  const TimePoint until = after(system_clock(), kHangGuard);
  while (system_clock().now() < until) {
    if (wanted(counts())) return true;
    std::this_thread::yield();
  }
  return false;
}

std::unique_ptr<Echo::Stub> PortWorld::stub(const std::string& certificate) const {
  auto credentials = ::grpc::InsecureChannelCredentials();
  if (form_ != Form::kPlain) {
    ::grpc::SslCredentialsOptions options;
    options.pem_root_certs = certificates().text("ca.pem");
    if (!certificate.empty()) {
      options.pem_cert_chain = certificates().text(certificate + ".pem");
      options.pem_private_key = certificates().text(certificate + ".key");
    }
    credentials = ::grpc::SslCredentials(options);
  }
  ::grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetSslTargetNameOverride("localhost");
  return Echo::NewStub(
      ::grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port()), credentials, arguments));
}

RawOptions PortWorld::raw(std::vector<std::string> alpn, const std::string& certificate) const {
  RawOptions options{.tls = form_ != Form::kPlain, .alpn = std::move(alpn)};
  if (form_ == Form::kMutual && !certificate.empty()) {
    options.certificate = certificates().file(certificate + ".pem");
    options.key = certificates().file(certificate + ".key");
  }
  return options;
}

std::string name_of(const ::testing::TestParamInfo<Form>& form) {
  switch (form.param) {
    case Form::kPlain:
      return "Plain";
    case Form::kTls:
      return "Tls";
    case Form::kMutual:
      return "MutualTls";
  }
  return "";
}

std::string output_of(const std::string& command) {
  std::string output;
  FILE* pipe = ::popen(command.c_str(), "r");
  for (int c = 0; (c = std::fgetc(pipe)) != EOF;) output += static_cast<char>(c);
  ::pclose(pipe);
  return output;
}

std::string say_request(const std::string& more_headers, const std::string& name) {
  const std::string body = R"({"name":")" + name + R"("})";
  return "POST /brontes.testing.Echo/Say HTTP/1.1\r\nHost: x\r\n" + more_headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string read_reply(RawClient& client) {
  std::string reply = client.read_until("\r\n\r\n");
  const auto at = reply.find("Content-Length: ");
  if (at == std::string::npos) return reply;
  return reply + client.read(std::stoul(reply.substr(at + 16)));
}

std::string http2_opening() {
  using namespace std::string_literals;
  return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + "\0\0\6\4\0\0\0\0\0\xfe\3\0\0\0\1"s;
}

Http2Frame read_frame(RawClient& client) {
  const std::string head = client.read(9);
  if (head.size() < 9) return {};
  const auto byte = [&](int at) { return static_cast<std::size_t>(head[at] & 0xff); };
  const std::size_t size = byte(0) << 16 | byte(1) << 8 | byte(2);
  return {head[3], head[4], client.read(size)};
}

Http2Frame read_frame_of(RawClient& client, int type) {
  Http2Frame frame = read_frame(client);
  while (frame.type >= 0 && frame.type != type) frame = read_frame(client);
  return frame;
}

}  // namespace brontes::testing
