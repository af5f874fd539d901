/**
 * How long a server serves: until it is told to stop, or its window was closed. Work that is not done is never
 * stopped in silence: Ctrl-C first says what still runs, and a closed window is outlived by it.
 */
import type { Job } from '#contract'
import type { Application } from './compose.ts'
import { someOf } from './common/text.ts'

interface Serving {
  application: Application
  /** Resolves when the window that was opened is closed; null: none was. */
  abandoned: (() => Promise<void>) | null
  print: (line: string) => void
}

/** Resolves when serving should end. */
export async function untilStopped({ application: { jobs }, abandoned, print }: Serving): Promise<void> {
  const { ending, stopListening } = listen(jobs, print)
  try {
    await Promise.race([ending, ...(abandoned === null ? [] : [leftAndDone(jobs, abandoned, print)])])
  } finally {
    stopListening()
  }
}

/**
 * SIGINT stops at once where nothing runs; else it says what does, and the next one stops. So does SIGTERM, after
 * saying what it stops: nobody is there to be asked. When the terminal is closed (SIGHUP) work goes on to its end.
 */
function listen(
  jobs: Application['jobs'],
  print: Serving['print'],
): { ending: Promise<void>; stopListening: () => void } {
  const { promise: ending, resolve: stop } = Promise.withResolvers<void>()
  let wasAsked = false
  const onInterrupt = (): void => {
    const active = jobs.active()
    if (active.length === 0 || wasAsked) {
      stop()
      return
    }
    wasAsked = true
    print(`Not done yet: ${titles(active)}. Press Ctrl-C again to stop it, or wait for its end.`)
  }
  const onTerminate = (): void => {
    const active = jobs.active()
    if (active.length > 0) {
      print(`Stopping: ${titles(active)}. It can be started again.`)
    }
    stop()
  }
  const onHangUp = (): void => {
    // There is nothing to print to any more.
    process.stdout.on('error', () => {})
    process.stderr.on('error', () => {})
    void untilIdle(jobs).then(stop)
  }
  process.on('SIGINT', onInterrupt)
  process.on('SIGTERM', onTerminate)
  process.on('SIGHUP', onHangUp)
  return {
    ending,
    stopListening() {
      process.off('SIGINT', onInterrupt)
      process.off('SIGTERM', onTerminate)
      process.off('SIGHUP', onHangUp)
    },
  }
}

/** Resolves when the window is closed and the work that it began is done. */
async function leftAndDone(
  jobs: Application['jobs'],
  abandoned: () => Promise<void>,
  print: Serving['print'],
): Promise<void> {
  await abandoned()
  while (jobs.active().length > 0) {
    print(`The window is closed. ${titles(jobs.active())} goes on to its end; Ctrl-C twice stops it.`)
    await untilIdle(jobs)
    // Somebody may have come back meanwhile.
    await abandoned()
  }
}

function untilIdle(jobs: Application['jobs']): Promise<void> {
  return new Promise((resolve) => {
    const resolveWhenIdle = (): void => {
      if (jobs.active().length === 0) {
        stopListening()
        resolve()
      }
    }
    const stopListening = jobs.onChange(resolveWhenIdle)
    resolveWhenIdle()
  })
}

const titles = (active: readonly Pick<Job, 'title'>[]): string => someOf(active.map(({ title }) => title))
