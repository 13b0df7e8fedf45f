// grpc-gateway as its documentation has it: a gRPC server and the gateway in one process, joined by
// a connection on loopback; everything at its default.
package main

import (
	"context"
	"net"
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"gateways/shoppb"
)

func main() {
	behind, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	server := grpc.NewServer()
	shoppb.RegisterShopServer(server, shop{})
	go func() { must(server.Serve(behind)) }()

	mux := runtime.NewServeMux()
	plain := []grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}
	must(shoppb.RegisterShopHandlerFromEndpoint(context.Background(), mux, behind.Addr().String(), plain))

	front, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	go func() { must(http.Serve(front, mux)) }()
	announce("grpc_gateway", front.Addr())
}
