#!/usr/bin/env python3
"""Runs the conformance cases against conformance_server and prints counts by area and tier.

  check_cases.py SERVER CASES RUNNER DOCUMENT [write | adopted]

Starts one server for each configuration that the cases ask for. Fails if a case that the gateway
claims does not pass. Two lists say what it does not claim, each entry with its reason: cases that
fail (EXPECTED_FAILURES) and settings that it does not have (NOT_THERE). An entry that is no longer
true is told, so that the lists stay true. Registration cases have no request: `unit` counts them,
the test program unit_gateway runs them.

The document (docs/gateway.md) has the same table, which is compared, or put there by `write`, and
names each case that fails or gets another of the answers that it allows.

With `adopted` the methods are those of stock gRPC services that a node has adopted. All answers are
to be the same then but those that another list excuses (ADOPTED_DIFFERENCES), which the document names, too.
"""
import collections
import json
import os
import subprocess
import sys
import tempfile

EXPECTED_FAILURES = {
    'httpbody-009': 'a body for HttpBody is taken raw whatever its type, as httpbody.proto says; the'
                    ' case allows that too, but counts its 47 bytes as 48',
    'stream-016': 'the request is read whole before the method runs: no full duplex over HTTP/1.1',
}
ADOPTED_DIFFERENCES = {
    'error-012': 'a gRPC call cannot end with a code that gRPC does not know: it becomes UNKNOWN',
    'metadata-021': 'gRPC rounds the deadline of a call up: by less than 10 ms for one of 5 s',
    'metadata-022': 'gRPC rounds the deadline of a call up: by less than 10 ms for one of 2 s',
    'stream-015': 'the item that cannot be read ends the call while the reply to the one before it is'
                  ' still under way, so that is lost, or not',
}
UP_TO_TIMING = {'metadata-021', 'metadata-022', 'stream-015'}  # on another day they may pass
NOT_THERE = {
    'backend': 'the methods run in this process: there is no backend that could be down',
    'connect': 'Connect comes later',
    'cors': 'CORS comes later',
    'grpc_web': 'gRPC-Web comes later',
    'gzip': 'compression comes later',
    'httpbody_passthrough': 'HttpBody is always sent raw, never as JSON',
    'openapi_v2': 'OpenAPI comes later',
    'openapi_v3': 'OpenAPI comes later',
    'sse': 'server-sent events come later',
    'websocket': 'WebSocket comes later',
}
COLUMNS = ('pass', 'alt', 'FAIL', 'unit', 'skip')
TIERS = ('core', 'edge', 'security')
BEGIN, END = '<!-- table of check_cases.py -->\n', '<!-- end of the table -->\n'


def start(server, config, adopted):
    """The running server and its address; (None, what it said) if it does not have the setting."""
    process = subprocess.Popen([server, '--listen', '127.0.0.1:0', '--gateway', config,
                                *(['--adopted'] if adopted else [])],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    if line.startswith('serving '):
        return process, line.split()[1]
    _, said = process.communicate()
    return None, said.strip()


def run_all(server, cases, runner, adopted):
    """Results by case, and complaints about the servers."""
    configs = {json.dumps(case.get('config') or {}, sort_keys=True) for case in cases.values()}
    servers, targets, complaints = [], [], []
    for config in sorted(configs):
        known_gap = NOT_THERE.keys() & json.loads(config).keys()
        process, answer = start(server, config, adopted)
        if process:
            servers.append(process)
            targets += ['--target', f'{config}={answer}']
        if process and known_gap:
            complaints.append(f'is there now, take it off the list: {", ".join(known_gap)}')
        if not process and not known_gap:
            complaints.append(f'no server for {config}: {answer}')
    with tempfile.TemporaryDirectory() as folder:
        results_file = os.path.join(folder, 'results.json')
        subprocess.run([sys.executable, runner, sys.argv[2], *targets, '--json', results_file],
                       check=False)
        with open(results_file, encoding='utf-8') as file:
            results = json.load(file)
    for process in servers:
        process.terminate()
    for process in servers:
        if process.wait() != 0:
            complaints.append(f'a server ended with {process.returncode}: {process.stderr.read()}')
    return results, complaints


def outcome(case, result):
    return 'unit' if case['request'] is None else result.split(':')[0]


def count_all(cases, results):
    """Outcomes by (area, tier), sums last; and skipped cases by the setting they ask for."""
    counts, gaps = collections.defaultdict(collections.Counter), collections.Counter()
    for name, result in results.items():
        case = cases[name]
        what = outcome(case, result)
        for row in ((case['area'], case['tier']), ('all', case['tier']), ('all', 'together')):
            counts[row][what] += 1
        if what == 'skip':
            gaps.update(sorted(NOT_THERE.keys() & (case.get('config') or {}).keys())[:1])
    return dict(sorted(counts.items(), key=lambda row: (row[0][0] == 'all', row[0]))), gaps


def markdown(counts):
    """The table of the document: a row for each area."""
    def cell(area, tier):
        count = counts.get((area, tier), {})
        return ', '.join(f'{count[what]} {"fail" if what == "FAIL" else what}'
                         for what in COLUMNS if count.get(what))
    lines = [f'| area | {" | ".join(TIERS)} |', f'|---|{"---|" * len(TIERS)}']
    for area in dict.fromkeys(area for area, _ in counts):
        lines.append(f'| {area} | {" | ".join(cell(area, tier) for tier in TIERS)} |')
    return '\n'.join(lines).replace('|  |', '| |') + '\n'


def check_document(path, table, named, mode):
    """Complaints about the document."""
    with open(path, encoding='utf-8') as file:
        text = file.read()
    before, rest = text.split(BEGIN)
    old, after = rest.split(END)
    if mode == 'write':
        with open(path, 'w', encoding='utf-8') as file:
            file.write(before + BEGIN + table + END + after)
    elif mode != 'adopted' and old != table:
        yield f'the table in {path} is old; run check_cases.py with `write`'
    for name in named:
        if name not in before + after:
            yield f'{path} does not say why {name} is answered as it is'


def print_tables(cases, results, counts, gaps, excused):
    print(f'\n{"area":10} {"tier":9}', *(f'{column:>5}' for column in COLUMNS))
    for (area, tier), count in counts.items():
        print(f'{area:10} {tier:9}', *(f'{count[column] or "-":>5}' for column in COLUMNS))
    print('\nskipped:')
    for key, count in sorted(gaps.items()):
        print(f'  {count:3} {key}: {NOT_THERE[key]}')
    for name, result in sorted(results.items()):
        if result.startswith('alt'):
            print(f'another answer that the case allows: {name} {cases[name]["title"]} ({result[5:]})')
    for name, reason in sorted(excused.items()):
        print(f'fails: {name} {cases[name]["title"]}: {reason}')


def main():
    server, cases_file, runner, document, mode = (sys.argv[1:] + ['check'])[:5]
    adopted = mode == 'adopted'
    excused = {**EXPECTED_FAILURES, **(ADOPTED_DIFFERENCES if adopted else {})}
    with open(cases_file, encoding='utf-8') as file:
        cases = {case['id']: case for case in map(json.loads, file)}
    results, complaints = run_all(server, cases, runner, adopted)
    counts, gaps = count_all(cases, results)
    print_tables(cases, results, counts, gaps, excused)
    outcomes = {name: outcome(cases[name], result) for name, result in results.items()}
    for name, what in sorted(outcomes.items()):
        gap = NOT_THERE.keys() & (cases[name].get('config') or {}).keys()
        if what == 'FAIL' and name not in excused:
            complaints.append(f'unexpected failure: {name}')
        if what in ('pass', 'alt') and name in excused.keys() - (UP_TO_TIMING if adopted else set()):
            complaints.append(f'passes now, take it off the list: {name}')
        if what == 'skip' and not gap:
            complaints.append(f'skipped for no known reason: {name}')
    if not any(what == 'pass' for what in outcomes.values()):
        complaints.append('nothing passed')
    named = sorted(name for name, what in outcomes.items() if what in ('alt', 'FAIL'))
    complaints += check_document(document, markdown(counts), named, mode)
    print('\n'.join(complaints) if complaints else '\nall as it should be')
    return bool(complaints)


if __name__ == '__main__':
    sys.exit(main())
