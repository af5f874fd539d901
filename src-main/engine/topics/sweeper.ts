/**
 * Sweeps of a chain, by as many threads as the machine runs at once. What a part of the documents draws does not depend on
 * the thread that it is drawn in (see state.ts), so results are the same on any machine.
 */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Pacer } from '../pacer.ts'
import { createRandom } from '../random.ts'
import { entryPath } from '../resources.ts'
import { SparseSampler } from './sampler.ts'
import type { Priors } from './sampler.ts'
import type { ChainState, Constraints } from './state.ts'

/** Fewer tokens, over all sweeps, are not worth the start of threads, some 50 ms. */
const WORTH_THREADS = 2_000_000
/** Blocks of fewer tokens lose more by waiting for each other than threads win. */
const LEAST_BLOCK = 20_000
const MOST_PARTS = 8

/** Into how many parts documents and words are divided, which is how many threads can share the work: a power of two. */
export function partsFor(tokens: number): number {
  let parts = 1
  while (parts < MOST_PARTS && tokens >= LEAST_BLOCK * (2 * parts) ** 2) parts *= 2
  return parts
}

export interface Sweeper {
  /** Draws the topic of every token anew, once. Between calls the state may be read. Throws what a thread died of. */
  sweep(priors: Priors): Promise<void>
  /** Ends the threads. A sweep that is under way never returns. */
  close(): Promise<void>
}

/** What a thread is told at its start; then it is told priors, once a sweep, and answers when it has swept. */
export interface SweeperTask {
  state: ChainState
  constraints: Pick<Constraints, 'fixed' | 'allowed'>
  /** The parts of the documents that are the thread's, each with the seed of its generator. */
  documents: { part: number; seed: number }[]
  threads: number
  /** Threads that have ended the round, and rounds that all have ended. */
  barrier: Int32Array
}

/** Sweeps as long as `sweeps` of them are asked for; `threads` is for tests. `pause` is called between blocks. */
export function createSweeper(
  state: ChainState, constraints: Constraints, { seed, sweeps, pause, threads = availableParallelism() }: { seed: number; sweeps: number; pause: Pacer; threads?: number },
): Sweeper {
  const { parts } = state
  const seeds = createRandom(seed)
  const documents = Array.from({ length: parts }, (_, part) => ({ part, seed: seeds.uint32() }))
  const used = Math.min(threads, parts)
  if (used === 1 || state.words.length * sweeps < WORTH_THREADS) return sweepHere(state, constraints, documents, pause)

  const barrier = new Int32Array(new SharedArrayBuffer(8))
  const workers = Array.from({ length: used }, (_, thread) => {
    const task: SweeperTask = {
      state, threads: used, barrier, constraints: { fixed: constraints.fixed, allowed: constraints.allowed },
      documents: documents.filter(({ part }) => part % used === thread),
    }
    return new Worker(entryPath(new URL('./sweeper-thread.ts', import.meta.url), 'topics-thread.js'), { workerData: task })
  })
  const { promise: died, reject: die } = Promise.withResolvers<never>()
  // Nobody may be waiting for it.
  died.catch(() => undefined)
  for (const worker of workers) {
    worker.once('error', die)
    worker.once('exit', (code) => die(new Error(`A thread of the topics' sampler ended with exit code ${code}.`)))
  }
  return {
    async sweep(priors) {
      const swept = workers.map((worker) => new Promise((resolve) => { worker.once('message', resolve) }))
      for (const worker of workers) worker.postMessage(priors)
      await Promise.race([Promise.all(swept), died])
      if (pause.due()) await pause()
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()))
    },
  }
}

function sweepHere(state: ChainState, constraints: Constraints, documents: SweeperTask['documents'], pause: Pacer): Sweeper {
  const sampler = new SparseSampler(state, constraints)
  const randoms = documents.map(({ seed }) => createRandom(seed))
  let round = 0
  return {
    async sweep(priors) {
      sampler.setPriors(priors)
      for (const last = round + state.parts; round < last; round++) {
        for (const { part } of documents) {
          sampler.sweepBlock(part, round, randoms[part]!)
          if (pause.due()) await pause()
        }
      }
    },
    close: () => Promise.resolve(),
  }
}
