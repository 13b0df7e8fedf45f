// A peer that uses hephfx as its users do: it registers, lists, picks, watches and calls.
//
//	peer etcd|consul ENDPOINT COMMAND ARGUMENT...
//
//	register NAME VERSION ADDRESS ID   until SIGTERM, then deregisters
//	list NAME VERSION                  a line each: ID ADDRESS VERSION WEIGHT; exit 1: none
//	pick NAME VERSION COUNT            by round robin, an address each
//	watch NAME VERSION                 the IDs in one line, again after each change, until SIGTERM
//	call NAME/VERSION COUNT            by the resolver, a reply each
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/daheige/hephfx/hestia"
	"github.com/daheige/hephfx/hestia/consul"
	"github.com/daheige/hephfx/hestia/etcd"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/encoding/protowire"
)

func main() {
	kind, endpoint, command, words := os.Args[1], os.Args[2], os.Args[3], os.Args[4:]
	switch command {
	case "register":
		register(kind, endpoint, words)
	case "list":
		for _, service := range must(find(kind, endpoint, words[0], words[1], false)()) {
			fmt.Println(service.InstanceID, service.Address, service.Version, service.Weight)
		}
	case "pick":
		discovery := discoveryOf(kind, endpoint, false)
		for range must(strconv.Atoi(words[2])) {
			fmt.Println(must(discovery.Get(context.Background(), words[0], words[1])).Address)
		}
	case "watch":
		watch(find(kind, endpoint, words[0], words[1], true))
	case "call":
		call(kind, endpoint, words[0], must(strconv.Atoi(words[1])))
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return value
}

func untilSigterm() <-chan os.Signal {
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGTERM)
	return told
}

func register(kind, endpoint string, words []string) {
	told := untilSigterm()
	var registry hestia.Registry
	if kind == "etcd" {
		registry = must(etcd.NewRegistry([]string{endpoint}))
	} else {
		registry = must(consul.NewRegistry([]string{endpoint}))
	}
	service := &hestia.Service{Network: "tcp", Name: words[0], Version: words[1], Address: words[2],
		InstanceID: words[3], Protocol: hestia.ProtocolGRPC,
		Metadata: map[string]interface{}{"from": "hephfx"}}
	must(0, registry.Register(context.Background(), service))
	fmt.Println("registered")
	<-told
	must(0, registry.Deregister(context.Background(), service))
	fmt.Println("deregistered")
}

func discoveryOf(kind, endpoint string, watched bool) hestia.Discovery {
	if kind == "etcd" {
		options := []etcd.Option{}
		if watched {
			options = append(options, etcd.WithEnableWatched())
		}
		return must(etcd.NewDiscovery([]string{endpoint}, options...))
	}
	options := []consul.Option{consul.WithWatchInterval(200 * time.Millisecond)}
	if watched {
		options = append(options, consul.WithEnableWatched())
	}
	return must(consul.NewDiscovery([]string{endpoint}, options...))
}

func find(kind, endpoint, name, version string, watched bool) func() ([]*hestia.Service, error) {
	discovery := discoveryOf(kind, endpoint, watched)
	return func() ([]*hestia.Service, error) {
		return discovery.GetServices(context.Background(), name, version)
	}
}

func watch(services func() ([]*hestia.Service, error)) {
	told := untilSigterm()
	last := "?"
	for {
		found, _ := services() // none is an error of hephfx's
		ids := []string{}
		for _, service := range found {
			ids = append(ids, service.InstanceID)
		}
		sort.Strings(ids)
		if now := "[" + strings.Join(ids, " ") + "]"; now != last {
			fmt.Println(now)
			last = now
		}
		select {
		case <-told:
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// raw carries messages as they are on the wire.
type raw struct{}

func (raw) Marshal(v any) ([]byte, error)      { return *v.(*[]byte), nil }
func (raw) Unmarshal(data []byte, v any) error { *v.(*[]byte) = append([]byte{}, data...); return nil }
func (raw) Name() string                       { return "proto" }

func call(kind, endpoint, target string, count int) {
	discovery := discoveryOf(kind, endpoint, true)
	if kind == "etcd" {
		etcd.RegisterEtcdResolver(discovery)
	} else {
		consul.RegisterConsulResolver(discovery)
	}
	connection := must(grpc.NewClient(kind+":///"+target,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultServiceConfig(`{"loadBalancingConfig":[{"round_robin":{}}]}`)))
	for range count {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		request := protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), "hephfx")
		reply := []byte{}
		must(0, connection.Invoke(ctx, "/Hello.Greeter/SayHello", &request, &reply,
			grpc.ForceCodec(raw{}), grpc.WaitForReady(true)))
		cancel()
		_, _, skipped := protowire.ConsumeTag(reply) // field 2
		message, _ := protowire.ConsumeString(reply[max(skipped, 0):])
		fmt.Println(message)
	}
}
