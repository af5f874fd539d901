/**
 * A loop that is taken one step at a time, its state staying on the device from step to step and from call to
 * call: for runtimes that can hold tensors there but have no loop of their own that would.
 */
import { setImmediate } from 'node:timers/promises'
import type { Loop } from './runtime.ts'
import type { Tensor, Tensors } from './session.ts'
import { elementCount } from './value.ts'
import type { Shape } from './value.ts'

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
  ): Promise<{ state: Map<string, Resident>; collected: Readonly<Record<string, Tensor>> }>
  download(state: ReadonlyMap<string, Resident>): Promise<Map<string, Tensor>>
  dispose(resident: Resident): void
  release(): Promise<void>
}

/** `perStep`: names of the leaves that are fed for every step, of each body. */
export function steppedLoop<Resident>(
  stepper: Stepper<Resident>,
  perStep: readonly ReadonlySet<string>[],
): Loop {
  let loaded: Map<string, Tensor> | null = null
  let held: Map<string, Resident> | null = null
  const hold = (next: Map<string, Resident> | null): void => {
    for (const resident of held?.values() ?? []) {
      stepper.dispose(resident)
    }
    held = next
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
      const taken: Readonly<Record<string, Tensor>>[] = []
      for (let step = 0; step < steps; step++) {
        if (!held) {
          throw new Error('the loop has no state')
        }
        const fed = Object.entries(feeds).map(
          ([name, tensor]) =>
            [name, perStep[body]?.has(name) ? partOf(name, tensor, step, steps) : tensor] as const,
        )
        const { state, collected } = await stepper.step(body, held, Object.fromEntries(fed))
        hold(state)
        taken.push(collected)
        // Whoever wants to cancel is heard between two steps.
        await setImmediate()
      }
      return Object.fromEntries(
        Object.keys(taken[0] ?? {}).map((name) => [name, stack(taken.map((collected) => collected[name]))]),
      )
    },
    async state(names) {
      if (loaded) {
        return new Map(
          [...loaded].flatMap(([name, { shape, data }]) =>
            names.includes(name) ? [[name, { shape, data: data.slice() }] as const] : [],
          ),
        )
      }
      return stepper.download(new Map([...(held ?? [])].filter(([name]) => names.includes(name))))
    },
    async release() {
      hold(null)
      await stepper.release()
    },
  }
}

/** One step's part of a leaf that is fed as [steps, ...shape]. */
function partOf(
  name: string,
  { shape: [count, ...shape], data }: Tensor,
  step: number,
  steps: number,
): Tensor {
  const size = elementCount(shape)
  if (count !== steps || data.length !== steps * size) {
    throw new Error(`${name}: ${data.length} elements are not ${steps} steps of [${shape.join(', ')}]`)
  }
  return { shape, data: data.subarray(step * size, (step + 1) * size) }
}

/** What every step collected, as [steps, ...shape]. */
function stack(parts: readonly (Tensor | undefined)[]): Tensor {
  const shape: Shape = parts[0]?.shape ?? []
  const data = new Float32Array(parts.length * elementCount(shape))
  parts.forEach((part, step) => {
    if (!(part?.data instanceof Float32Array)) {
      throw new Error('what a loop collects is float32')
    }
    data.set(part.data, step * elementCount(shape))
  })
  return { shape: [parts.length, ...shape], data }
}
