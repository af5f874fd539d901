/**
 * A test that tells a story: steps that each go on from where the one before ended. They are one test, so that
 * none of them can run, or be left out, without the others.
 *
 *   const step = story('a topic is named, and the name is taken back')
 *   step('names it', async () => { ... })
 *   step('takes the name back', async () => { ... })
 */
import { it } from 'vitest'
import type { TestOptions } from 'vitest'

type Step = (name: string, work: () => unknown) => void

/** Declares the test; its steps are those that are declared with what it returns. */
export function story(title: string, options: TestOptions = {}): Step {
  const steps: { name: string; work: () => unknown }[] = []
  it(title, options, async () => {
    for (const [position, { name, work }] of steps.entries()) {
      try {
        await work()
      } catch (error) {
        throw namingStep(error, `step ${position + 1} of ${steps.length}, "${name}"`)
      }
    }
  })
  return (name, work) => {
    steps.push({ name, work })
  }
}

/** The same error, so that its stack and its differences are shown, with the step in its message. */
function namingStep(error: unknown, step: string): unknown {
  if (!(error instanceof Error)) {
    return new Error(`${step}: ${String(error)}`)
  }
  error.message = `${step}: ${error.message}`
  return error
}
