// hephfx in its one-port mode: gRPC and the gateway behind one listener; everything at its default,
// so without access log, metrics and validation.
package main

import (
	"net"
	"time"

	"github.com/daheige/hephfx/micro"

	"gateways/shoppb"
)

func main() {
	address := freeAddress()
	service := micro.NewService(address.String(),
		micro.WithEnableGRPCShareAddress(),
		micro.WithHandlerFromEndpoints(shoppb.RegisterShopHandlerFromEndpoint))
	shoppb.RegisterShopServer(service.GRPCServer, shop{})
	go func() { must(service.Run()) }()
	awaitListener(address)
	announce("hephfx", address)
}

// freeAddress picks a port: the gateway dials the address that it was given, so it cannot be 0.
func freeAddress() net.Addr {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	defer listener.Close()
	return listener.Addr()
}

// awaitListener returns when somebody listens; Run does not say when.
func awaitListener(address net.Addr) {
	for {
		connection, err := net.Dial("tcp", address.String())
		if err == nil {
			connection.Close()
			return
		}
		time.Sleep(time.Millisecond)
	}
}
