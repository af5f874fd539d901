/** Profiles of ONNX Runtime: which operators a session spends its time in. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as ort from 'onnxruntime-node'

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
  dur: number
  args: { op_name?: string; input_type_shape?: Record<string, number[]>[]; output_type_shape?: Record<string, number[]>[] }
}

/**
 * Runs `work` with every session that it creates profiled, and returns all operators that ran. Operators that run others
 * (Loop) are left out. The product has no use for profiles, so its sessions are told to make one from here.
 */
export async function profile(work: () => Promise<void>): Promise<OperatorCall[]> {
  const folder = await mkdtemp(join(tmpdir(), 'vitrine-profile-'))
  const factory = ort.InferenceSession as unknown as { create(model: Uint8Array, options: ort.InferenceSession.SessionOptions): Promise<ort.InferenceSession> }
  const create = factory.create.bind(factory)
  const sessions: ort.InferenceSession[] = []
  factory.create = async (model, options) => {
    const session = await create(model, { ...options, enableProfiling: true, profileFilePrefix: join(folder, 'profile') })
    const release = session.release.bind(session)
    session.release = () => {
      session.endProfiling()
      return release()
    }
    sessions.push(session)
    return session
  }
  try {
    await work()
    const events: TraceEvent[] = []
    for (const file of await readdir(folder)) events.push(...(JSON.parse(await readFile(join(folder, file), 'utf8')) as TraceEvent[]))
    return events
      .filter(({ cat, name, args }) => cat === 'Node' && name.endsWith('_kernel_time') && args.op_name !== 'Loop')
      .map(({ dur, args }) => ({
        operator: args.op_name ?? '',
        milliseconds: dur / 1000,
        inputs: (args.input_type_shape ?? []).flatMap((entry) => Object.values(entry)),
        outputs: (args.output_type_shape ?? []).flatMap((entry) => Object.values(entry)),
      }))
  } finally {
    factory.create = create
    await rm(folder, { recursive: true })
  }
}
