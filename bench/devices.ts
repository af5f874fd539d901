/**
 * The training step of the default captioner on every device of this machine, on a minibatch that the slowest
 * can bear. A call of k steps takes copies + k steps: both come from calls of one step and of several. In
 * training a call takes about CALL_TIME milliseconds; the share of it that goes into copying the state in and out
 * should stay below a tenth. Where the state stays on the device, what is shown is noise.
 *
 *   npm run bench -- devices
 */
import './lib/heap.ts'
import { spawnSync } from 'node:child_process'
import { captionerSettings } from '#contract'
import { compiledStep, describe, randomBatches, stacked } from './lib/captioner.ts'
import { printMachine } from './lib/machine.ts'
import { figure, percent, printTable } from './lib/table.ts'
import { bestOf } from './lib/timing.ts'
import { DEVICES, resolveDevice } from '../src-main/engine/graph/session.ts'

const ARCHITECTURE = {
  settings: captionerSettings.parse({}),
  frames: 6,
  inputSize: 128,
  vocabularySize: 500,
  topics: 20,
}
const SHAPE = { clips: 2, captions: 2, words: 5 }
const STEPS = 4
const CALL_TIME = 500
/** A device is given up after this many milliseconds. */
const TIMEOUT = 300_000

/** The device that this process is to measure; all, each in a process of its own, when none is named. */
const [device] = process.argv.slice(2)
if (device !== undefined) {
  const { step, leaves } = await compiledStep(ARCHITECTURE, SHAPE, resolveDevice(device))
  const batches = randomBatches(ARCHITECTURE, leaves, STEPS)
  const timeCall = (steps: number) => {
    const feeds = stacked(leaves, batches.slice(0, steps))
    return bestOf(3, () => step.run(0, 0, feeds, new Array<number>(steps).fill(1e-3)))
  }
  console.log(JSON.stringify({ oneStep: await timeCall(1), allSteps: await timeCall(STEPS) }))
} else {
  printMachine()
  console.log(`the default captioner: ${describe(ARCHITECTURE, SHAPE)}\n`)
  const rows = DEVICES.map((device) => {
    const { status, stdout } = spawnSync(process.execPath, [import.meta.filename, device], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: TIMEOUT,
    })
    if (status !== 0) {
      return [device, 'not here', '', '']
    }
    const { oneStep, allSteps } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as {
      oneStep: number
      allSteps: number
    }
    const step = (allSteps - oneStep) / (STEPS - 1)
    const copies = Math.max(0, oneStep - step)
    return [device, figure(step, 1), figure(copies, 1), percent(copies / Math.max(CALL_TIME, copies + step))]
  })
  printTable(['device', 'ms a step', 'ms of copies a call', `share of a call of ${CALL_TIME} ms`], rows)
}
