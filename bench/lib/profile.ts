/** Profiles of ONNX Runtime: which operators a session spends its time in. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { InferenceSession } from 'onnxruntime-node'
import { ort } from '../../src-main/engine/onnx-runtime.ts'

export interface OperatorCall {
  operator: string
  milliseconds: number
  /** Shapes of its inputs. */
  inputs: number[][]
  outputs: number[][]
}

interface TraceEvent {
  cat: string
  name: string
  /** Begin and duration in microseconds. */
  ts: number
  dur: number
  args: {
    op_name?: string
    input_type_shape?: Record<string, number[]>[]
    output_type_shape?: Record<string, number[]>[]
  }
}

/**
 * Runs `work` with every session that it creates profiled, and returns what the last run of the last session
 * called, and how long that run took. Operators that run others (Loop) are left out. The product has no use
 * for profiles, so its sessions are told to make one from here.
 */
export async function profile(
  work: () => Promise<void>,
): Promise<{ milliseconds: number; calls: OperatorCall[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'vitrine-profile-'))
  const factory = ort.InferenceSession as unknown as {
    create(model: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession>
  }
  const create = factory.create.bind(factory)
  factory.create = async (model, options) => {
    const session = await create(model, {
      ...options,
      enableProfiling: true,
      profileFilePrefix: join(folder, 'profile'),
    })
    const release = session.release.bind(session)
    session.release = () => {
      session.endProfiling()
      return release()
    }
    return session
  }
  try {
    await work()
    const file = (await readdir(folder)).sort().at(-1)
    const events = JSON.parse(await readFile(join(folder, file ?? ''), 'utf8')) as TraceEvent[]
    const run = events.findLast(({ cat, name }) => cat === 'Session' && name === 'model_run')
    if (!run) {
      throw new Error('nothing was run')
    }
    const calls = events
      .filter(
        ({ cat, name, ts, args }) =>
          cat === 'Node' &&
          name.endsWith('_kernel_time') &&
          args.op_name !== 'Loop' &&
          ts >= run.ts &&
          ts <= run.ts + run.dur,
      )
      .map(({ dur, args }) => ({
        operator: args.op_name ?? '',
        milliseconds: dur / 1000,
        inputs: (args.input_type_shape ?? []).flatMap((entry) => Object.values(entry)),
        outputs: (args.output_type_shape ?? []).flatMap((entry) => Object.values(entry)),
      }))
    return { milliseconds: run.dur / 1000, calls }
  } finally {
    factory.create = create
    await rm(folder, { recursive: true })
  }
}
