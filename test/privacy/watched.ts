/**
 * Runs commands where nothing can leave unseen: `node watched.ts REPORT FOLDER COMMANDS`, as root of a
 * network and a mount namespace of its own (namespace.ts makes them). Every address on earth is this
 * machine's loopback there, and the name server is this process: look-ups are noted by name, and the kernel
 * counts every connection that is begun and every datagram that is sent, wherever to. All of the disk but
 * FOLDER is read-only.
 */
import { execFileSync, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What commands tried. */
export interface Report {
  /** Exit codes of the commands; the first that fails is the last that ran. */
  codes: (number | null)[]
  /** What the commands wrote. */
  output: string
  /** Names that were looked up. */
  lookups: string[]
  /** Connections begun and datagrams sent, to any address, loopback too. */
  connections: number
  datagrams: number
}

if (import.meta.main) {
  const [report = '', folder = '', commands = '[]'] = process.argv.slice(2)
  isolate(folder)
  const lookups = await serveNames()
  const ran = await runAll(JSON.parse(commands) as string[][])
  const seen: Report = { ...ran, ...counters(), lookups: [...lookups] }
  writeFileSync(report, JSON.stringify(seen))
  process.exit()
}

/**
 * Makes every address local, this process the name server, and what is outside of `folder` read-only. Throws
 * anywhere but in namespaces of its own, where that would befall the machine.
 */
function isolate(folder: string): void {
  if (process.pid !== 1) {
    throw new Error('This runs in namespaces of its own alone, as their first process: see namespace.ts.')
  }
  const names = join(folder, 'names')
  writeFileSync(`${names}.resolv`, 'nameserver 127.0.0.1\n')
  writeFileSync(`${names}.switch`, 'hosts: files dns\n')
  for (const command of [
    'ip link set lo up',
    'ip route add local 0.0.0.0/0 dev lo',
    'ip -6 route add local ::/0 dev lo',
    `mount --bind ${names}.resolv /etc/resolv.conf`,
    `mount --bind ${names}.switch /etc/nsswitch.conf`,
    `mount --bind ${folder} ${folder}`,
    'mount -o remount,bind,ro /',
  ]) {
    const [program = '', ...args] = command.split(' ')
    execFileSync(program, args)
  }
}

/** Notes what is asked for, and answers that there is no such name. */
async function serveNames(): Promise<Set<string>> {
  const lookups = new Set<string>()
  const server = createSocket('udp4')
  server.on('message', (query, { port, address }) => {
    lookups.add(nameIn(query))
    const answer = Buffer.from(query)
    // The bits "answer" and "no such name" (RFC 1035, 4.1.1).
    answer.writeUInt16BE(0x8183, 2)
    server.send(answer, port, address)
  })
  server.bind(53, '127.0.0.1')
  await once(server, 'listening')
  return lookups
}

/** The name of a query's one question: labels, each after its length, from byte 12 on to an empty one. */
function nameIn(query: Buffer): string {
  const labels: string[] = []
  let at = 12
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return labels.join('.')
}

async function runAll(commands: string[][]): Promise<Pick<Report, 'codes' | 'output'>> {
  const codes: (number | null)[] = []
  let output = ''
  for (const [program = '', ...args] of commands) {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString()
      })
    }
    await once(child, 'close')
    codes.push(child.exitCode)
    if (child.exitCode !== 0) {
      break
    }
  }
  return { codes, output }
}

/** The kernel's own counts for this namespace, over all addresses and ports. */
function counters(): Pick<Report, 'connections' | 'datagrams'> {
  const udp6 = /^Udp6OutDatagrams\s+(\d+)/m.exec(readFileSync('/proc/net/snmp6', 'utf8'))
  return {
    connections: counter('Tcp', 'ActiveOpens'),
    datagrams: counter('Udp', 'OutDatagrams') + Number(udp6?.[1]),
  }
}

/** A count of /proc/net/snmp, which has a line of names and a line of numbers for each protocol. */
function counter(protocol: string, name: string): number {
  const [names = [], numbers = []] = readFileSync('/proc/net/snmp', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith(`${protocol}:`))
    .map((line) => line.split(' '))
  return Number(numbers[names.indexOf(name)])
}
