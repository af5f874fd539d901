/**
 * Which device runs an encoder. Each is tried in an engine process of its own, so that a driver that hangs or crashes takes
 * nothing along; what was measured is kept for this machine, by the encoder's fingerprint, in `speeds.json` beside the
 * encoders.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { encoderDevice } from '#contract'
import type { Encoder, EncoderDevice } from '#contract'
import { askAlone } from '../../engine-host/alone.ts'
import type { PreparedEncoder } from '../../engine-host/contract/index.ts'
import { writeFileAtomic } from '../../formats/atomic.ts'
import type { JobContext } from '../../jobs/index.ts'
import { deviceOfEnvironment, machineName } from '../devices.ts'
import type { Workspace } from '../workspace.ts'
import { encodersFolder } from './folder.ts'

/** A device that has encoded nothing after this many milliseconds hangs, for all that one can use it. */
const PATIENCE = 60_000

const speed = z.object({ device: z.string(), frameMs: z.number().nullable(), reason: z.string().nullable() })
export type EncoderSpeed = z.infer<typeof speed>

const speedsFile = z.object({
  /** What they were measured on. */
  machine: z.string(),
  encoders: z.record(z.string(), z.array(speed)),
})

/** The devices that may be there on this platform. */
function candidates(): readonly EncoderDevice[] {
  const elsewhere: Partial<Record<EncoderDevice, NodeJS.Platform>> = {
    cuda: 'linux',
    dml: 'win32',
    coreml: 'darwin',
  }
  return encoderDevice.options.filter(
    (device) => device !== 'auto' && (elsewhere[device] ?? process.platform) === process.platform,
  )
}

const speedsPath = (workspace: Workspace): string => join(encodersFolder(workspace), 'speeds.json')

async function readSpeeds(workspace: Workspace): Promise<z.infer<typeof speedsFile>> {
  const none = { machine: machineName(), encoders: {} }
  try {
    const kept = speedsFile.parse(JSON.parse(await readFile(speedsPath(workspace), 'utf8')))
    return kept.machine === none.machine ? kept : none
  } catch {
    // Not there, or not readable: it is measured again.
    return none
  }
}

/** What was measured of an encoder on this machine, the fastest device first; null: nothing yet. */
async function knownSpeeds(
  workspace: Workspace,
  { fingerprint }: Pick<PreparedEncoder, 'fingerprint'>,
): Promise<EncoderSpeed[] | null> {
  return (await readSpeeds(workspace)).encoders[fingerprint] ?? null
}

/** A person's encoders, with how fast they were here. */
export async function encodersWithSpeeds(workspace: Workspace, signal?: AbortSignal): Promise<Encoder[]> {
  const known = await workspace.engine.call(
    'encoders.list',
    { directory: encodersFolder(workspace) },
    signal && { signal },
  )
  const { encoders: speeds } = await readSpeeds(workspace)
  return known.map(({ fingerprint, ...encoder }) => ({
    ...encoder,
    speed: fastestOf(fingerprint === null ? [] : (speeds[fingerprint] ?? [])),
  }))
}

/** The device that ran it fastest; null: none did. They are in that order. */
function fastestOf([first]: readonly EncoderSpeed[]): Encoder['speed'] {
  return first === undefined || first.frameMs === null
    ? null
    : { device: first.device, frameMs: first.frameMs }
}

/** Tries an encoder on every device of this machine, the fastest first; keeps what was measured. */
export async function measureSpeeds(
  workspace: Workspace,
  { descriptor, fingerprint }: PreparedEncoder,
  { signal, progress }: Pick<JobContext, 'signal' | 'progress'>,
): Promise<EncoderSpeed[]> {
  const devices = candidates()
  const speeds: EncoderSpeed[] = []
  for (const device of devices) {
    progress({ phase: 'measuring devices', done: speeds.length, total: devices.length, unit: 'devices' })
    const { startEngine } = workspace
    const answer = await askAlone(
      'encoders.measure',
      { descriptor, device },
      { startEngine, signal, patience: PATIENCE },
    )
    const tookTooLong = `it encoded nothing within ${PATIENCE / 1000} seconds`
    const measured =
      'result' in answer ? answer.result : { frameMs: null, reason: answer.reason ?? tookTooLong }
    speeds.push({ device, ...measured })
  }
  speeds.sort((a, b) => (a.frameMs ?? Infinity) - (b.frameMs ?? Infinity))
  const known = await readSpeeds(workspace)
  const kept = { ...known, encoders: { ...known.encoders, [fingerprint]: speeds } }
  await writeFileAtomic(speedsPath(workspace), JSON.stringify(kept, null, 2) + '\n')
  return speeds
}

/** The device that a request means: `auto` is the fastest, which is measured where that is not known. */
export async function chooseDevice(
  workspace: Workspace,
  encoder: PreparedEncoder,
  { device, context }: { device: EncoderDevice; context: Pick<JobContext, 'signal' | 'progress'> },
): Promise<{ device: string; frameMs: number | null }> {
  const wanted = device === 'auto' ? deviceOfEnvironment() : device
  if (wanted !== null) {
    const known = await knownSpeeds(workspace, encoder)
    return { device: wanted, frameMs: known?.find((speed) => speed.device === wanted)?.frameMs ?? null }
  }
  const speeds = (await knownSpeeds(workspace, encoder)) ?? (await measureSpeeds(workspace, encoder, context))
  // Where none could be measured, the run itself says what is wrong.
  return fastestOf(speeds) ?? { device: 'cpu', frameMs: null }
}
