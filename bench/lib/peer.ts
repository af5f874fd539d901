/** The PyTorch peer (peers/captioner.py): found, given its arrays, asked for steps. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { fileURLToPath } from 'node:url'
import { hasPackages, PYTHON } from './python.ts'
import type { Architecture } from '../../src-main/engine/captioner/parameters.ts'
import type { Tensor } from '../../src-main/engine/graph/runtime.ts'

const TYPES = { Float32Array: '<f4', BigInt64Array: '<i8', Uint8Array: 'u1' }

const PYTHONS = [PYTHON, 'python3']

/** OpenBLAS chooses its kernel by the processor when nothing in the environment tells it otherwise. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('OPENBLAS_')),
)

/** The first Python that has PyTorch, or null. */
export async function findTorch(): Promise<string | null> {
  for (const python of PYTHONS) {
    if (await hasPackages(['torch', 'numpy'], python, environment)) {
      return python
    }
  }
  return null
}

export const WITHOUT_TORCH =
  'PyTorch is not installed: the comparison is skipped (Debian: apt install python3-torch libopenblas0-openmp).'

export interface PeerSetup {
  architecture: Architecture
  lambda: number
  learningRate: number
  /** The first parameters, by name. */
  parameters: ReadonlyMap<string, Tensor>
  /** The minibatches, [steps, ...] by name. */
  batches: ReadonlyMap<string, Tensor>
}

export interface Peer {
  torch: string
  /** Null: products run in something else than OpenBLAS. */
  blas: { kernel: string; version: string } | null
  /** Takes the next steps of a form: their losses and the milliseconds of one. */
  run(form: string, steps: number): Promise<{ losses: number[]; milliseconds: number }>
  close(): Promise<void>
}

/** Starts the peer. What it prints to standard error is shown; when it ends early, `run` throws. */
export async function startPeer(python: string, setup: PeerSetup): Promise<Peer> {
  const folder = await mkdtemp(join(tmpdir(), 'vitrine-bench-'))
  await writeSetup(folder, setup)
  const script = fileURLToPath(new URL('../peers/captioner.py', import.meta.url))
  const child = spawn(python, [script, folder], { env: environment, stdio: ['pipe', 'pipe', 'inherit'] })
  const gone = once(child, 'exit')
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const answer = async <Answer>(): Promise<Answer> => {
    const { value, done } = await lines.next()
    if (done) {
      throw new Error('the PyTorch peer ended early')
    }
    return JSON.parse(value) as Answer
  }
  return {
    ...(await answer<Pick<Peer, 'torch' | 'blas'>>()),
    run(form, steps) {
      child.stdin.write(`${JSON.stringify({ form, steps })}\n`)
      return answer()
    },
    async close() {
      child.stdin.end()
      await gone
      await rm(folder, { recursive: true })
    },
  }
}

/** Writes what the peer reads: its arrays, a file each, and a description. */
async function writeSetup(
  folder: string,
  { architecture, lambda, learningRate, parameters, batches }: PeerSetup,
): Promise<void> {
  const arrays = [...parameters, ...batches]
  for (const [name, { data }] of arrays) {
    await writeFile(join(folder, name), new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  }
  await writeFile(
    join(folder, 'setup.json'),
    JSON.stringify({
      settings: architecture.settings,
      lambda,
      learningRate,
      threads: availableParallelism(),
      sizes: {
        input: architecture.inputSize,
        vocabulary: architecture.vocabularySize,
        topics: architecture.topics,
      },
      batch: [...batches.keys()],
      arrays: Object.fromEntries(
        arrays.map(([name, { shape, data }]) => [
          name,
          { shape, type: TYPES[data.constructor.name as keyof typeof TYPES] },
        ]),
      ),
    }),
  )
}
