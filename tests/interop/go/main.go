// A client of gRPC and of HTTP against a greeter on a shared port.
//
//	client FORM ADDRESS FOLDER [idle]    FORM: plain, tls, mutual; FOLDER has the certificates
//
// Prints what it did; ends with 1 at the first thing that is not as it should be. With `idle` it keeps
// a connection, says so, and waits until the server has it leave.
package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/status"
)

const hang = 30 * time.Second

// Messages as bytes, so that nothing needs to be generated.
type rawCodec struct{}

func (rawCodec) Name() string                       { return "proto" }
func (rawCodec) Marshal(v any) ([]byte, error)      { return *v.(*[]byte), nil }
func (rawCodec) Unmarshal(data []byte, v any) error { *v.(*[]byte) = bytes.Clone(data); return nil }

var _ encoding.Codec = rawCodec{}

// A protobuf field of up to 127 bytes.
func field(number int, text string) []byte {
	return append([]byte{byte(number<<3 | 2), byte(len(text))}, text...)
}

type world struct{ form, address, folder string }

func (w world) file(name string) string { return filepath.Join(w.folder, name) }

func (w world) tls(protocols ...string) *tls.Config {
	pem, err := os.ReadFile(w.file("ca.pem"))
	must(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	config := &tls.Config{RootCAs: roots, ServerName: "localhost", NextProtos: protocols}
	if w.form == "mutual" {
		pair, err := tls.LoadX509KeyPair(w.file("client.pem"), w.file("client.key"))
		must(err)
		config.Certificates = []tls.Certificate{pair}
	}
	return config
}

func (w world) dial(transport credentials.TransportCredentials) *grpc.ClientConn {
	conn, err := grpc.NewClient(w.address, grpc.WithTransportCredentials(transport),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(rawCodec{})))
	must(err)
	return conn
}

func (w world) credentials() credentials.TransportCredentials {
	if w.form == "plain" {
		return insecure.NewCredentials()
	}
	return credentials.NewTLS(w.tls())
}

func (w world) calls() {
	conn := w.dial(w.credentials())
	defer conn.Close()
	reply, err := say(conn, "brontes")
	must(err)
	expect(string(reply) == string(field(1, "hello, brontes")), "reply %q", reply)
	_, err = say(conn, "")
	expect(status.Code(err) == codes.InvalidArgument, "an empty name: %v", err)
}

func (w world) reflection() {
	conn := w.dial(w.credentials())
	defer conn.Close()
	ctx, cancel := context.WithTimeout(context.Background(), hang)
	defer cancel()
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true},
		"/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
	must(err)
	list, answer := field(7, "*"), []byte{}
	must(stream.SendMsg(&list))
	must(stream.RecvMsg(&answer))
	expect(bytes.Contains(answer, field(1, "Hello.Greeter")), "services: %q", answer)
	must(stream.CloseSend())
}

// grpc-go without a certificate, or with the wrong kind of transport.
func (w world) wrongKind() {
	wrong := map[string]credentials.TransportCredentials{"plain": insecure.NewCredentials()}
	if w.form == "plain" {
		wrong = map[string]credentials.TransportCredentials{
			"TLS": credentials.NewTLS(&tls.Config{InsecureSkipVerify: true})}
	}
	if w.form == "mutual" {
		config := w.tls()
		config.Certificates = nil
		wrong["TLS without a certificate"] = credentials.NewTLS(config)
	}
	for kind, transport := range wrong {
		conn := w.dial(transport)
		_, err := say(conn, "nobody")
		expect(status.Code(err) == codes.Unavailable, "%s: %v", kind, err)
		conn.Close()
	}
}

func (w world) idle() {
	conn := w.dial(w.credentials())
	defer conn.Close()
	_, err := say(conn, "brontes")
	must(err)
	ctx, cancel := context.WithTimeout(context.Background(), hang)
	defer cancel()
	expect(conn.GetState() == connectivity.Ready, "after a call: %s", conn.GetState())
	fmt.Println("idle")
	expect(conn.WaitForStateChange(ctx, connectivity.Ready), "it still has its connection")
}

// What net/http does by itself, as other Go clients of REST and connect-go do: over TLS it offers
// h2 and http/1.1.
func (w world) netHTTP() {
	transport, scheme := &http.Transport{ForceAttemptHTTP2: true}, "http"
	if w.form != "plain" {
		transport.TLSClientConfig, scheme = w.tls("h2", "http/1.1"), "https"
	}
	defer transport.CloseIdleConnections()
	client := http.Client{Transport: transport, Timeout: hang}

	reply, err := client.Get(scheme + "://" + w.address + "/v1/say/brontes")
	must(err)
	body, err := io.ReadAll(reply.Body)
	must(err)
	expect(reply.StatusCode == 200 && strings.Contains(string(body), "hello, brontes"),
		"REST: %s %s", reply.Status, body)

	frame := append([]byte{0, 0, 0, 0, 9}, field(1, "brontes")...)
	reply, err = client.Post(scheme+"://"+w.address+"/Hello.Greeter/SayHello", "application/grpc",
		bytes.NewReader(frame))
	must(err)
	body, err = io.ReadAll(reply.Body)
	must(err)
	expect(reply.ProtoMajor == 1 && reply.StatusCode == 505, "gRPC: %s %s", reply.Status, body)
}

func say(conn *grpc.ClientConn, name string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), hang)
	defer cancel()
	request, reply := field(1, name), []byte{}
	err := conn.Invoke(ctx, "/Hello.Greeter/SayHello", &request, &reply)
	return reply, err
}

func expect(fine bool, format string, facts ...any) {
	if !fine {
		fmt.Printf("failed: "+format+"\n", facts...)
		os.Exit(1)
	}
}

func must(err error) { expect(err == nil, "%v", err) }

func main() {
	w := world{form: os.Args[1], address: os.Args[2], folder: os.Args[3]}
	if len(os.Args) > 4 && os.Args[4] == "idle" {
		w.idle()
		return
	}
	for _, step := range []struct {
		name string
		run  func()
	}{{"calls", w.calls}, {"reflection", w.reflection}, {"wrong kind", w.wrongKind},
		{"net/http", w.netHTTP}} {
		fmt.Println(w.form, step.name)
		step.run()
	}
}
