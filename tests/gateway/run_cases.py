#!/usr/bin/env python3
"""Runner for cases.jsonl (standard library only).

  run_cases.py FILE --target '{}'=127.0.0.1:8080 [--target '{"unescaping_mode":"AllExceptReserved"}'=127.0.0.1:8081 ...]
               [--only PREFIX] [--tier core,edge,security] [--json out.json] [-v]

A case is run only if its "config" has a --target ('{}' is the target for cases without config).
Result per case: pass (expect met), alt (one of expect_alt met), FAIL, skip.
"""
import sys, json, socket, time, base64, re, gzip, struct, argparse
SKIP_KEYS = ('registration', 'websocket')

def gen(g):
    k = g['kind']
    if k == 'repeat': return g.get('prefix', '') + g['text'] * g['count'] + g.get('suffix', '')
    if k == 'nest': return g['open'] * g['depth'] + g.get('middle', '') + g['close'] * g['depth']
    if k == 'concat': return ''.join(gen(p) if isinstance(p, dict) else p for p in g['parts'])
    raise KeyError(k)

def body_bytes(r):
    if 'body' in r: return r['body'].encode()
    if 'body_base64' in r: return base64.b64decode(r['body_base64'])
    if 'body_gen' in r: return gen(r['body_gen']).encode()
    if 'body_gen_gzip' in r: return gzip.compress(gen(r['body_gen_gzip']).encode(), mtime=0)
    return None

def build(r, port):
    if 'raw' in r: return r['raw'].encode('latin-1')
    if 'raw_gen' in r: return gen(r['raw_gen']).encode('latin-1')
    hs = [(k, v) for k, v in (r.get('headers') or [])]
    names = [k.lower() for k, _ in hs]
    out = f"{r['method']} {r['target']} HTTP/{r.get('http_version', '1.1')}\r\n"
    if 'host' not in names: out += f"Host: gw.test:{port}\r\n"
    for k, v in hs: out += f"{k}: {v}\r\n"
    for k, g in r.get('gen_headers', []): out += f"{k}: {gen(g)}\r\n"
    b = body_bytes(r)
    if 'chunks' in r:
        o = (out + "Transfer-Encoding: chunked\r\n\r\n").encode('latin-1')
        for c in r['chunks']:
            c = (gen(c) if isinstance(c, dict) else c).encode(); o += b'%x\r\n' % len(c) + c + b'\r\n'
        return o + b'0\r\n\r\n'
    if b is not None and 'content-length' not in names: out += f"Content-Length: {len(b)}\r\n"
    elif b is None and r['method'] in ('POST', 'PUT', 'PATCH') and not {'content-length', 'transfer-encoding'} & set(names): out += "Content-Length: 0\r\n"
    return out.encode('latin-1') + b"\r\n" + (b or b'')

class Conn:
    def __init__(s, host, port):
        s.s = socket.create_connection((host, port), timeout=5); s.buf = b''; s.eof = False
    def send(s, d):
        try: s.s.sendall(d)
        except OSError: pass
    def more(s, timeout):
        s.s.settimeout(timeout)
        try: d = s.s.recv(65536)
        except socket.timeout: raise TimeoutError
        except OSError: s.eof = True; return False
        if not d: s.eof = True; return False
        s.buf += d; return True
    def response(s, method, timeout=8):
        while b'\r\n\r\n' not in s.buf:
            if not s.more(timeout): return None
        head, s.buf = s.buf.split(b'\r\n\r\n', 1)
        lines = head.decode('latin-1').split('\r\n'); st = int(lines[0].split()[1]); hs = []
        for l in lines[1:]:
            k, _, v = l.partition(':'); hs.append((k.strip(), v.strip()))
        R = dict(status=st, headers=hs, body=b'', trailers=[])
        if st == 101: return R
        if 100 <= st < 200: return s.response(method, timeout)
        g = lambda n: [v for k, v in hs if k.lower() == n]
        if method == 'HEAD' or st in (204, 304): return R
        if any('chunked' in v.lower() for v in g('transfer-encoding')):
            while True:
                while b'\r\n' not in s.buf:
                    if not s.more(timeout): R['truncated'] = True; return R
                ln, s.buf = s.buf.split(b'\r\n', 1); n = int(ln.split(b';')[0], 16)
                if n == 0:
                    while True:
                        while b'\r\n' not in s.buf:
                            if not s.more(timeout): return R
                        t, s.buf = s.buf.split(b'\r\n', 1)
                        if not t: return R
                        k, _, v = t.decode('latin-1').partition(':'); R['trailers'].append((k.strip(), v.strip()))
                while len(s.buf) < n + 2:
                    if not s.more(timeout): R['truncated'] = True; return R
                R['body'] += s.buf[:n]; s.buf = s.buf[n + 2:]
        if g('content-length'):
            n = int(g('content-length')[0])
            while len(s.buf) < n:
                if not s.more(timeout): R['truncated'] = True; break
            R['body'], s.buf = s.buf[:n], s.buf[n:]
            return R
        while s.more(timeout): pass
        R['body'], s.buf = s.buf, b''
        return R
    def closed(s, timeout=1.5):
        if s.eof: return True
        try: return not s.more(timeout)
        except TimeoutError: return False

def jeq(a, b):
    if isinstance(a, bool) or isinstance(b, bool): return a is b
    if isinstance(a, (int, float)) and isinstance(b, (int, float)): return a == b or (a != a and b != b)
    if type(a) != type(b): return False
    if isinstance(a, dict): return a.keys() == b.keys() and all(jeq(a[k], b[k]) for k in a)
    if isinstance(a, list): return len(a) == len(b) and all(jeq(x, y) for x, y in zip(a, b))
    return a == b
def jsub(e, a):
    if isinstance(e, dict): return isinstance(a, dict) and all(k in a and jsub(e[k], a[k]) for k in e)
    if isinstance(e, list): return isinstance(a, list) and len(e) == len(a) and all(jsub(x, y) for x, y in zip(e, a))
    return jeq(e, a)
def sval(want, got):
    """want: string, {'regex':..}, list of strings; got: list of strings or None"""
    if isinstance(want, dict): return bool(got) and any(re.search(want['regex'], x) for x in got)
    if isinstance(want, list): return got == want
    return bool(got) and want in got
def pointer(d, p):
    for k in p.split('/')[1:]:
        k = k.replace('~1', '/').replace('~0', '~'); d = d[int(k)] if isinstance(d, list) else d[k]
    return d
def grpcweb(e, r, H):
    errs = []; b = r['body']
    if e.get('text'):
        try: b = b''.join(base64.b64decode(x) for x in re.findall(rb'[A-Za-z0-9+/]+={0,2}', b))
        except Exception as x: return [f'bad base64 {x}']
    frames = []; tr = {k: v for k, v in H.items() if k in ('grpc-status', 'grpc-message')}
    while b:
        if len(b) < 5: return ['frame header cut']
        fl, n = b[0], struct.unpack('>I', b[1:5])[0]; p, b = b[5:5 + n], b[5 + n:]
        if len(p) != n: return ['frame cut']
        if fl & 0x80:
            if b: errs.append('data after trailers')
            for l in p.decode('latin-1').split('\r\n'):
                if l:
                    k, _, v = l.partition(':'); tr[k.strip()] = [v.strip()]
        else: frames.append(base64.b64encode(p).decode())
    if 'data_frames_base64' in e and frames != e['data_frames_base64']: errs.append(f'frames {frames}')
    for k, v in e.get('trailers', {}).items():
        if not sval(v, tr.get(k)): errs.append(f'trailer {k}={tr.get(k)} want {v}')
    return errs

def check(e, r):
    if r is None: return [] if e.get('no_response') else ['no response']
    errs = []; st = e.get('status')
    if st is not None and r['status'] not in (st if isinstance(st, list) else [st]): errs.append(f"status {r['status']} want {st}")
    H = {}; T = {}
    for k, v in r['headers']: H.setdefault(k.lower(), []).append(v)
    for k, v in r['trailers']: T.setdefault(k.lower(), []).append(v)
    for what, want, got in (('header', e.get('headers'), H), ('trailer', e.get('trailers'), T)):
        for k, v in (want or {}).items():
            x = got.get(k.lower())
            if (v is None and x) or (v is not None and not sval(v, x)): errs.append(f"{what} {k}={x} want {v!r}")
    b = r['body']
    if 'gunzip_body_json_subset' in e:
        try:
            if not jsub(e['gunzip_body_json_subset'], json.loads(gzip.decompress(b))): errs.append('gunzipped body differs')
        except Exception as x: errs.append(f'gunzip: {x}')
    txt = b.decode('utf-8', 'replace')
    if 'body_text' in e and re.sub(r'", "|": |, "', lambda m: m.group(0).replace(' ', ''), txt) != re.sub(r'", "|": |, "', lambda m: m.group(0).replace(' ', ''), e['body_text']): errs.append(f"body {txt[:200]!r}")
    if 'body_base64' in e and b != base64.b64decode(e['body_base64']): errs.append(f"bytes {b[:60]!r}")
    if 'body_len' in e and len(b) != e['body_len']: errs.append(f"len {len(b)}")
    if 'body_len_min' in e and len(b) < e['body_len_min']: errs.append(f"len {len(b)}")
    errs += [f"lacks {c!r}: {txt[:200]!r}" for c in e.get('body_contains', []) if c not in txt]
    errs += [f"has {c!r}" for c in e.get('body_lacks', []) if c in txt]
    if 'ndjson' in e:
        try: ls = [json.loads(l) for l in txt.split('\n') if l.strip()]
        except Exception: ls = 'not json lines'
        if not (isinstance(ls, list) and jeq(e['ndjson'], ls)) or (e['ndjson'] and not txt.endswith('\n')): errs.append(f"ndjson {txt[:300]!r}")
    if 'grpcweb' in e: errs += grpcweb(e['grpcweb'], r, H)
    need = {'body_json', 'body_json_subset', 'grpc_request_json', 'grpc_metadata', 'grpc_metadata_absent', 'rpc', 'error', 'timeout_ms_range', 'json_pointer'} & set(e)
    if not need: return errs
    try: j = json.loads(txt)
    except Exception: return errs + [f"not json: {txt[:200]!r}"]
    if 'body_json' in e and not jeq(e['body_json'], j): errs.append(f"json {txt[:400]}")
    if 'body_json_subset' in e and not jsub(e['body_json_subset'], j): errs.append(f"json {txt[:400]}")
    for p, v in e.get('json_pointer', []):
        try: g = pointer(j, p)
        except Exception: g = None
        if not (isinstance(v, dict) and 'regex' in v and isinstance(g, str) and re.search(v['regex'], g)) and not jeq(v, g): errs.append(f"{p} = {g!r}")
    if not isinstance(j, dict): return errs + (['not an object'] if need - {'body_json', 'body_json_subset'} else [])
    if 'error' in e:
        x = e['error']
        if j.get('code') != x['code'] or not isinstance(j.get('message'), str) or not isinstance(j.get('details'), list): errs.append(f"error {txt[:300]}")
        elif ('message' in x and j['message'] != x['message']) or ('details' in x and not jeq(x['details'], j['details'])): errs.append(f"error {txt[:300]}")
    if 'rpc' in e and j.get('rpc') != e['rpc']: errs.append(f"rpc {j.get('rpc')}")
    if 'grpc_request_json' in e:
        try: g = json.loads(j['request_json'])
        except Exception: g = f'no request_json: {txt[:200]}'
        if not jeq(e['grpc_request_json'], g): errs.append(f"grpc request {str(g)[:300]}")
    md = j.get('metadata') or {}
    for k, v in (e.get('grpc_metadata') or {}).items():
        got = (md.get(k) or {}).get('values')
        if isinstance(v, dict): got = got and [', '.join(got)]
        if not sval(v, got): errs.append(f"metadata {k}={got}")
    errs += [f"metadata {k} present" for k in e.get('grpc_metadata_absent', []) if k in md]
    if 'timeout_ms_range' in e and not e['timeout_ms_range'][0] <= int(j.get('timeout_ms', -99)) <= e['timeout_ms_range'][1]: errs.append(f"timeout_ms {j.get('timeout_ms')}")
    return errs

def once(case, e, host, port):
    r = case['request']; c = Conn(host, port); t0 = time.time(); errs = []
    if 'steps' in r:
        resp = None; seen = False
        for s in r['steps']:
            if 'send' in s: c.send(s['send'].encode('latin-1'))
            if 'wait_ms' in s: time.sleep(s['wait_ms'] / 1000)
            if 'read_until' in s:
                end = time.time() + s.get('timeout_ms', 3000) / 1000
                while s['read_until'].encode() not in c.buf:
                    try:
                        if time.time() > end or not c.more(max(0.01, end - time.time())): return [f"did not see {s['read_until']!r} in time"]
                    except TimeoutError: return [f"did not see {s['read_until']!r} in time"]
            if 'close' in s:
                if s.get('rst'): c.s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
                c.s.close()
            if 'read_response' in s: resp = c.response(s['read_response']); seen = True
            if 'request' in s:
                c2 = Conn(host, port); c2.send(build(s['request'], port)); resp = c2.response(s['request']['method']); seen = True
            if 'expect_close_within_ms' in s:
                end = time.time() + s['expect_close_within_ms'] / 1000
                while not c.closed(1):
                    if time.time() > end: return ['not closed in time']
        return check(e, resp) if seen else []
    c.send(build(r, port))
    if r.get('half_close'): c.s.shutdown(socket.SHUT_WR)
    m = r.get('method') or r.get('raw', 'GET ').split(' ')[0]
    es = e.get('responses') or [e]
    for i, x in enumerate(es):
        try: rr = c.response(m)
        except TimeoutError:
            if not e.get('no_response'): errs.append('timeout')
            break
        errs += [(f"[{i}] " if len(es) > 1 else '') + q for q in check(x, rr)]
    if 'max_ms' in e and (time.time() - t0) * 1000 > e['max_ms']: errs.append('too slow')
    if e.get('max_responses') is not None:
        try:
            if c.response('GET', 1.0) is not None: errs.append('extra response')
        except TimeoutError: pass
    if e.get('connection') == 'close' and not c.closed(): errs.append('connection not closed')
    if e.get('connection') == 'keep':
        c.send(b"GET /v1/nothing HTTP/1.1\r\nHost: x\r\n\r\n")
        try: rr = c.response('GET', 3)
        except TimeoutError: rr = None
        if not rr or rr['status'] != 200: errs.append('connection not reusable')
    return errs

def main():
    ap = argparse.ArgumentParser(); ap.add_argument('file'); ap.add_argument('--target', action='append', default=[]); ap.add_argument('--only', default=''); ap.add_argument('--tier', default='core,edge,security'); ap.add_argument('--json'); ap.add_argument('-v', action='store_true')
    a = ap.parse_args(); targets = {}
    for t in a.target:
        k, _, v = t.rpartition('='); h, _, p = v.rpartition(':'); targets[json.dumps(json.loads(k), sort_keys=True)] = (h, int(p))
    n = dict(passed=0, alt=0, failed=0, skipped=0); res = {}
    for l in open(a.file):
        c = json.loads(l.replace('@RUN@', '%x' % int(time.time() * 1000)))
        if not c['id'].startswith(a.only) or c['tier'] not in a.tier.split(','): continue
        tg = targets.get(json.dumps(c.get('config') or {}, sort_keys=True))
        if c['request'] is None or 'websocket' in c['request'] or tg is None: n['skipped'] += 1; res[c['id']] = 'skip'; continue
        def attempt(e):
            try: return once(c, e, *tg)
            except Exception as x: return [f'{type(x).__name__}: {x}']
        errs = attempt(c['expect'])
        if not errs: n['passed'] += 1; res[c['id']] = 'pass'; continue
        alt = next((x for x in c.get('expect_alt', []) if 'registration' not in x['expect'] and not attempt(x['expect'])), None)
        if alt: n['alt'] += 1; res[c['id']] = 'alt: ' + alt['anchor']; a.v and print('alt ', c['id'], c['title'], '->', alt['anchor']); continue
        n['failed'] += 1; res[c['id']] = 'FAIL'; print('FAIL', c['id'], f"[{c['tier']}]", c['title']); [print('     ', x[:600]) for x in errs]
    print(n)
    if a.json: json.dump(res, open(a.json, 'w'), indent=1)
    return n['failed'] > 0
if __name__ == '__main__': sys.exit(main())
