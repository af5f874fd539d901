/** Standard error for people who wait: progress and notices. Results go to standard output, elsewhere. */
import type { Job, Progress } from '#contract'

/** Without a terminal, progress is a line at each new phase and after this long, in milliseconds. */
const SPARSE = 15_000

export interface Terminal {
  /** Shows how far a job is. */
  progress(job: Job): void
  /** Ends the progress line and prints a line. */
  say(line: string): void
}

export function createTerminal(stream: NodeJS.WriteStream = process.stderr): Terminal {
  let isShown = false
  let phase = ''
  let shownAt = 0
  const clear = (): void => {
    if (isShown) {
      stream.write('\r\x1b[K')
    }
    isShown = false
  }
  return {
    progress(job) {
      const shown = shownOf(job)
      if (shown === null) {
        return
      }
      if (stream.isTTY) {
        clear()
        stream.write(shown.line.slice(0, Math.max(20, stream.columns - 1)))
        isShown = true
      } else if (shown.phase !== phase || performance.now() - shownAt > SPARSE) {
        phase = shown.phase
        shownAt = performance.now()
        stream.write(`${shown.line}\n`)
      }
    },
    say(line) {
      clear()
      stream.write(`${line}\n`)
    },
  }
}

/** What is shown of a job, and of which phase that is; null: nothing. */
function shownOf(job: Job): { phase: string; line: string } | null {
  if (job.state === 'queued' && job.waitsFor !== null) {
    const line = `waiting for another program that has the project open: ${job.waitsFor}`
    return { phase: line, line }
  }
  if (job.state !== 'running' || job.progress === null) {
    return null
  }
  return { phase: job.progress.phase, line: job.cancelling ? 'stopping' : describe(job.progress) }
}

function describe({ phase, done, total, unit, rate, secondsLeft }: Progress): string {
  const parts = [phase]
  if (total !== null) {
    parts.push(`${done.toLocaleString('en')} of ${total.toLocaleString('en')} ${unit}`)
  } else if (done > 0) {
    parts.push(`${done.toLocaleString('en')} ${unit}`)
  }
  if (rate !== null) {
    parts.push(`${rate.toPrecision(3)} a second`)
  }
  if (secondsLeft !== null) {
    parts.push(`${duration(secondsLeft)} left`)
  }
  return parts.join(', ')
}

/** Seconds as `1:02:03`, `2:03`. */
function duration(seconds: number): string {
  const whole = Math.round(seconds)
  const padded = (count: number) => String(count).padStart(2, '0')
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  return h > 0 ? `${h}:${padded(m)}:${padded(s)}` : `${m}:${padded(s)}`
}
