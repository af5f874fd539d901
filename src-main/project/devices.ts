/**
 * The device that `auto` means: that on which the captioner's training step was measured to be the fastest on this machine.
 * What was measured is kept in the person's folder; until then it is the cpu. A device has to be clearly faster than the cpu,
 * so that chance does not choose. The environment variable VITRINE_DEVICE decides without measuring.
 */
import { readFileSync } from 'node:fs'
import { cpus, hostname } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'
import type { Device } from '#contract'
import { askAlone } from '../engine-host/alone.ts'
import type { StartEngine } from '../engine-host/client.ts'
import { writeFileAtomic } from '../formats/atomic.ts'
import { makeFolder } from '../formats/files.ts'
import type { JobContext } from '../jobs/index.ts'

export interface TriedDevice {
  name: string
  ok: boolean
  /** Why it can't be used; null: it can. */
  reason: string | null
  /** Milliseconds of a training step of the default captioner on a small minibatch. */
  stepMs: number | null
}

/** What a person's folder and engine are: all that measuring needs. */
export interface Machine {
  home: string
  startEngine: StartEngine
}

/** A device that has not taken its steps after this many milliseconds hangs, for all that one can use it. */
const PATIENCE = 60_000
/** The share of the cpu's time that another device may take at most to be chosen. */
const CLEARLY = 0.9

/** Devices that may be faster than the cpu, and where they may be there. */
const FASTER: readonly { name: Device; platform: NodeJS.Platform | null }[] = [
  { name: 'cuda', platform: 'linux' },
  { name: 'webgpu', platform: null },
  { name: 'dml', platform: 'win32' },
  { name: 'coreml', platform: 'darwin' },
]

const measuredFile = z.object({ machine: z.string(), auto: z.string() })

/** What measurements are of: on another machine, or with another processor, they mean nothing. */
export const machineName = (): string => `${hostname()} ${cpus().length} x ${cpus()[0]?.model ?? ''}`

const pathOf = (home: string): string => join(home, 'devices.json')

/** The device that VITRINE_DEVICE names for `auto`; null: it is measured. */
export const deviceOfEnvironment = (): string | null => process.env['VITRINE_DEVICE'] || null

/**
 * Tries one device in an engine process of its own, so that a driver that crashes or hangs takes nothing
 * along. Throws CancelledError.
 */
export async function tryDevice(
  name: string,
  startEngine: StartEngine,
  signal?: AbortSignal,
  patience = PATIENCE,
): Promise<TriedDevice> {
  const answer = await askAlone('devices.probe', { device: name }, { startEngine, signal, patience })
  if ('result' in answer) {
    return { name, ...answer.result }
  }
  const reason = answer.reason ?? `it took no training steps within ${Math.round(patience / 1000)} seconds`
  return { name, ok: false, reason, stepMs: null }
}

/** What `auto` means by what is known: the environment, what was measured here, else the cpu. */
export const knownDevice = (home: string): string => deviceOfEnvironment() ?? measuredDevice(home) ?? 'cpu'

/** The device that was measured to be the fastest here; null: nothing was measured. */
function measuredDevice(home: string): string | null {
  try {
    const { machine, auto } = measuredFile.parse(JSON.parse(readFileSync(pathOf(home), 'utf8')))
    return machine === machineName() ? auto : null
  } catch {
    // Not there, or not readable: it is measured again.
    return null
  }
}

/** What `auto` means, measured where nothing is known yet. The cpu is not measured where nothing else works. */
export async function fastestDevice(
  { home, startEngine }: Machine,
  { signal, progress }: Pick<JobContext, 'signal' | 'progress'>,
): Promise<string> {
  const known = deviceOfEnvironment() ?? measuredDevice(home)
  if (known !== null) {
    return known
  }
  const candidates = FASTER.filter(({ platform }) => platform === null || platform === process.platform)
  const tried: TriedDevice[] = []
  for (const { name } of candidates) {
    progress({ phase: 'measuring devices', done: tried.length, total: candidates.length, unit: 'devices' })
    tried.push(await tryDevice(name, startEngine, signal))
  }
  if (tried.some(({ ok }) => ok)) {
    tried.push(await tryDevice('cpu', startEngine, signal))
  }
  return keepFastest(home, tried)
}

/** Keeps what `auto` means from now on, by what was tried; returns it. */
export async function keepFastest(home: string, tried: readonly TriedDevice[]): Promise<string> {
  const cpu = stepOf(tried.find(({ name }) => name === 'cpu'))
  const [first] = FASTER.flatMap(({ name }) => tried.filter((one) => one.name === name && one.ok)).sort(
    (a, b) => stepOf(a) - stepOf(b),
  )
  const auto = first !== undefined && stepOf(first) < CLEARLY * cpu ? first.name : 'cpu'
  await makeFolder(home)
  await writeFileAtomic(pathOf(home), JSON.stringify({ machine: machineName(), auto }, null, 2) + '\n')
  return auto
}

const stepOf = (tried: TriedDevice | undefined): number => tried?.stepMs ?? Infinity
