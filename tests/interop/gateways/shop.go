// What the gateways in Go have in common: the service, and the way bench_http talks to them.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"os"

	"gateways/shoppb"
)

type shop struct {
	shoppb.UnimplementedShopServer
}

func (shop) Say(_ context.Context, request *shoppb.SayRequest) (*shoppb.SayReply, error) {
	return &shoppb.SayReply{Message: "hello, " + request.GetName()}, nil
}

func (shop) Place(_ context.Context, order *shoppb.Order) (*shoppb.Order, error) {
	order.State = shoppb.State_ACCEPTED
	return order, nil
}

// announce says that the server serves, and returns when standard input ends.
func announce(mode string, address net.Addr) {
	fmt.Printf("{\"mode\":%q,\"port\":%d}\n", mode, address.(*net.TCPAddr).Port)
	io.Copy(io.Discard, os.Stdin)
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
