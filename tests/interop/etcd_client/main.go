// The cases of tests/bench/bench_discovery.cpp that can be compared, by etcd's own client in Go: what
// is listed or watched is decoded, and kept in a map. Each prints one JSON object.
//
//	etcd_client_go list-COUNT | change | churn-CHANGES
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
)

const (
	root = "/hestia/registry-etcd/svc/"
	hang = 60 * time.Second
)

type instance struct {
	Network       string         `json:"network"`
	Name          string         `json:"name"`
	Address       string         `json:"address"`
	NamingAddress string         `json:"naming_address"`
	InstanceID    string         `json:"instance_id"`
	Version       string         `json:"version"`
	Weight        int            `json:"weight"`
	Protocol      string         `json:"protocol"`
	Healthy       bool           `json:"healthy"`
	Created       string         `json:"created"`
	Metadata      map[string]any `json:"metadata"`
	Tags          map[string]any `json:"tags"`
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "etcd_client_go:", err)
		os.Exit(1)
	}
}

func beside(name string) string {
	self, err := os.Executable()
	check(err)
	return filepath.Join(filepath.Dir(self), name)
}

func ms(took time.Duration) float64 { return float64(took) / float64(time.Millisecond) }

// store is `brontes registry` as a process of its own, and a client of it.
type store struct {
	process *exec.Cmd
	address string
	client  *clientv3.Client
}

func startStore() *store {
	process := exec.Command(beside("brontes"), "registry", "--listen", "127.0.0.1:0", "--json",
		"--max-keys", "300000")
	process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	output, err := process.StdoutPipe()
	check(err)
	check(process.Start())
	line, err := bufio.NewReader(output).ReadBytes('\n')
	check(err)
	var said struct{ Address string }
	check(json.Unmarshal(line, &said))
	client, err := clientv3.New(clientv3.Config{Endpoints: []string{said.Address}})
	check(err)
	return &store{process, said.Address, client}
}

func (s *store) end() {
	s.client.Close()
	s.process.Process.Kill()
	s.process.Wait()
}

func put(number int) clientv3.Op {
	one := instance{Network: "tcp", Name: "svc", Version: "v1", Weight: 100, Protocol: "GRPC",
		Healthy: true, Metadata: map[string]any{}, Tags: map[string]any{}}
	one.InstanceID = fmt.Sprintf("%032x", number)
	one.Address = fmt.Sprintf("10.%d.%d.%d:50051", number>>16, number>>8&255, number&255)
	value, err := json.Marshal(one)
	check(err)
	return clientv3.OpPut(root+"v1/"+one.InstanceID, string(value))
}

func (s *store) fill(count int) {
	for at := 0; at < count; {
		var ops []clientv3.Op
		for ; len(ops) < 128 && at < count; at++ {
			ops = append(ops, put(at))
		}
		_, err := s.client.Txn(context.Background()).Then(ops...).Commit()
		check(err)
	}
}

func decode(value []byte) *instance {
	one := new(instance)
	check(json.Unmarshal(value, one))
	return one
}

// list decodes all there is: the view, and the revision that it is of.
func (s *store) list() (map[string]*instance, int64) {
	reply, err := s.client.Get(context.Background(), root, clientv3.WithPrefix())
	check(err)
	view := make(map[string]*instance, len(reply.Kvs))
	for _, pair := range reply.Kvs {
		view[string(pair.Key)] = decode(pair.Value)
	}
	return view, reply.Header.Revision
}

// follow keeps the view true, and says of each change when it was seen.
func (s *store) follow(view map[string]*instance, revision int64, seen func(size int, at time.Time)) {
	watch := s.client.Watch(context.Background(), root, clientv3.WithPrefix(),
		clientv3.WithRev(revision+1))
	for response := range watch {
		if response.Err() != nil {
			return
		}
		for _, event := range response.Events {
			if event.Type == clientv3.EventTypePut {
				view[string(event.Kv.Key)] = decode(event.Kv.Value)
			} else {
				delete(view, string(event.Kv.Key))
			}
		}
		seen(len(view), time.Now())
	}
}

func listCase(count int) {
	s := startStore()
	defer s.end()
	s.fill(count)
	best, bare := hang, hang
	for range 3 {
		begin := time.Now()
		_, err := s.client.Get(context.Background(), root, clientv3.WithPrefix())
		check(err)
		bare = min(bare, time.Since(begin))
		begin = time.Now()
		if view, _ := s.list(); len(view) != count {
			check(fmt.Errorf("%d of %d came", len(view), count))
		}
		best = min(best, time.Since(begin))
	}
	fmt.Printf("{\"list_ms\": %.3f, \"bare_ms\": %.3f}\n", ms(best), ms(bare))
}

// watched starts to follow; what it answers waits until so many instances are known.
func (s *store) watched() func(size int) time.Time {
	type sight struct {
		size int
		at   time.Time
	}
	sights := make(chan sight, 1<<20)
	view, revision := s.list()
	go s.follow(view, revision, func(size int, at time.Time) { sights <- sight{size, at} })
	return func(size int) time.Time {
		late := time.After(hang)
		for {
			select {
			case one := <-sights:
				if one.size >= size {
					return one.at
				}
			case <-late:
				check(fmt.Errorf("the watch waits in vain"))
			}
		}
	}
}

func changeCase() {
	const changes = 200
	s := startStore()
	defer s.end()
	s.fill(1000)
	wait := s.watched()
	var whole []float64
	for i := range changes + 1 {
		begin := time.Now()
		_, err := s.client.Do(context.Background(), put(1000+i))
		check(err)
		took := wait(1001 + i).Sub(begin)
		if i > 0 { // the first one waits until the watch has begun
			whole = append(whole, ms(took))
		}
		time.Sleep(60 * time.Millisecond)
	}
	sort.Float64s(whole)
	fmt.Printf("{\"whole_p50_ms\": %.3f, \"whole_p99_ms\": %.3f}\n", whole[changes/2],
		whole[changes*99/100])
}

func cpu() time.Duration {
	var used syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func churnCase(changes int) {
	const instances = 10_000
	s := startStore()
	defer s.end()
	s.fill(instances)
	wait := s.watched()
	spent, begin := cpu(), time.Now()
	writer := exec.Command(beside("bench_discovery"), "writer", s.address, strconv.Itoa(changes))
	check(writer.Run())
	written := time.Now()
	_, err := s.client.Do(context.Background(), put(instances))
	check(err)
	end := wait(instances + 1)
	fmt.Printf("{\"cpu_us\": %.2f, \"events_per_s\": %.0f, \"late_ms\": %.1f}\n",
		float64((cpu()-spent).Microseconds())/float64(changes),
		float64(changes)/end.Sub(begin).Seconds(), ms(end.Sub(written)))
}

func main() {
	wish := strings.Join(os.Args[1:], " ")
	name, number, _ := strings.Cut(wish, "-")
	count, _ := strconv.Atoi(number)
	switch {
	case name == "list" && count > 0:
		listCase(count)
	case wish == "change":
		changeCase()
	case name == "churn" && count > 0:
		churnCase(count)
	default:
		fmt.Fprintln(os.Stderr, "usage: etcd_client_go list-COUNT | change | churn-CHANGES")
		os.Exit(2)
	}
}
