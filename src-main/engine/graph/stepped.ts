/**
 * A loop that is taken one step at a time, its state staying on the device from step to step and from call to
 * call: for runtimes that can hold tensors there but have no loop of their own that would.
 */
import { setImmediate } from 'node:timers/promises'
import { copiesOf } from './loop.ts'
import type { Loop } from './loop.ts'
import type { Tensor, Tensors } from './session.ts'
import { elementCount, shapeText } from './shape.ts'
import type { Shape } from './shape.ts'

/** A runtime that takes such steps; `Resident` is a tensor on its device. */
export interface Stepper<Resident> {
  upload(state: ReadonlyMap<string, Tensor>): Promise<Map<string, Resident>>
  /**
   * Takes a step of a body; `feeds` are one step's. Returns the next state, all of it new, and what is
   * collected.
   */
  step(
    body: number,
    state: ReadonlyMap<string, Resident>,
    feeds: Tensors,
  ): Promise<{ state: Map<string, Resident>; collected: Tensors }>
  download(state: ReadonlyMap<string, Resident>): Promise<Map<string, Tensor>>
  dispose(resident: Resident): void
  release(): Promise<void>
}

/** `perStep`: names of the inputs that are fed for every step, of each body. */
export function steppedLoop<Resident>(
  stepper: Stepper<Resident>,
  perStep: readonly ReadonlySet<string>[],
): Loop {
  /** What was loaded and is not on the device yet. */
  let loaded: Map<string, Tensor> | null = null
  let resident: Map<string, Resident> | null = null
  const hold = (next: Map<string, Resident> | null): void => {
    for (const tensor of resident?.values() ?? []) {
      stepper.dispose(tensor)
    }
    resident = next
  }
  return {
    load(state) {
      loaded = state
    },
    async run(steps, feeds, body) {
      if (loaded) {
        hold(await stepper.upload(loaded))
        loaded = null
      }
      const collected: Tensors[] = []
      for (let step = 0; step < steps; step++) {
        if (!resident) {
          throw new Error('the loop has no state')
        }
        const next = await stepper.step(body, resident, feedsOf(feeds, perStep[body]!, step, steps))
        hold(next.state)
        collected.push(next.collected)
        // Whoever wants to cancel is heard between two steps.
        await setImmediate()
      }
      return stacked(collected)
    },
    state: async (names) =>
      loaded
        ? copiesOf(loaded, names)
        : stepper.download(new Map([...(resident ?? [])].filter(([name]) => names.includes(name)))),
    async release() {
      hold(null)
      await stepper.release()
    },
  }
}

/** What one step is fed. */
const feedsOf = (feeds: Tensors, perStep: ReadonlySet<string>, step: number, steps: number): Tensors =>
  Object.fromEntries(
    Object.entries(feeds).map(([name, tensor]) => [
      name,
      perStep.has(name) ? partOf(name, tensor, step, steps) : tensor,
    ]),
  )

/** One step's part of an input that is fed as [steps, ...shape]. */
function partOf(
  name: string,
  { shape: [count, ...shape], data }: Tensor,
  step: number,
  steps: number,
): Tensor {
  const size = elementCount(shape)
  if (count !== steps || data.length !== steps * size) {
    throw new Error(`${name}: ${data.length} elements are not ${steps} steps of ${shapeText(shape)}`)
  }
  return { shape, data: data.subarray(step * size, (step + 1) * size) }
}

/** What every step collected, by name, as [steps, ...shape]. */
const stacked = (collected: readonly Tensors[]): Record<string, Tensor> =>
  Object.fromEntries(
    Object.keys(collected[0] ?? {}).map((name) => [name, stack(collected.map((tensors) => tensors[name]))]),
  )

function stack(parts: readonly (Tensor | undefined)[]): Tensor {
  const shape: Shape = parts[0]?.shape ?? []
  const size = elementCount(shape)
  const stackedParts = new Float32Array(parts.length * size)
  parts.forEach((part, step) => {
    if (!(part?.data instanceof Float32Array)) {
      throw new Error('what a loop collects is float32')
    }
    stackedParts.set(part.data, step * size)
  })
  return { shape: [parts.length, ...shape], data: stackedParts }
}
