import { defineFailures } from '../common/failures.ts'

const TRY_AGAIN =
  'No saved work is lost. Try again; when it repeats, use the device cpu, or a smaller batch if memory ran out.'

export const failures = defineFailures('engineHost', {
  endedBySignal: {
    code: 'ENGINE_DIED',
    message: 'The engine process was ended by signal {signal} while it worked on {method}.',
    remedy: TRY_AGAIN,
  },
  endedWithExitCode: {
    code: 'ENGINE_DIED',
    message: 'The engine process ended with exit code {exitCode} while it worked on {method}.',
    remedy: TRY_AGAIN,
  },
})
