/** A thread of a chain's sampler: sweeps its parts of the documents, round by round beside the other threads. */
import { parentPort, workerData } from 'node:worker_threads'
import { createRandom } from '../random.ts'
import { SparseSampler } from './sampler.ts'
import type { Priors } from './sampler.ts'
import type { SweeperTask } from './sweeper.ts'

const { state, constraints, documents, threads, barrier } = workerData as SweeperTask
const sampler = new SparseSampler(state, constraints)
const own = documents.map(({ part, seed }) => ({ part, random: createRandom(seed) }))
let round = 0

parentPort?.on('message', (priors: Priors) => {
  sampler.setPriors(priors)
  for (let i = 0; i < state.parts; i++, round++) {
    for (const { part, random } of own) sampler.sweepBlock(part, round, random)
    waitForOthers()
  }
  parentPort?.postMessage(null)
})

/** Returns when all threads have ended the round. */
function waitForOthers(): void {
  if (Atomics.add(barrier, 0, 1) === threads - 1) {
    Atomics.store(barrier, 0, 0)
    Atomics.add(barrier, 1, 1)
    Atomics.notify(barrier, 1)
  } else {
    // The count of rounds wraps around after months.
    while (Atomics.load(barrier, 1) === round) Atomics.wait(barrier, 1, round)
  }
}
