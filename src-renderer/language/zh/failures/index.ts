import type { FailureTexts } from '../../failure-texts.ts'
import { jobs } from './jobs.ts'
import { input, window } from './window.ts'

/** By the area that `defineFailures` of main names. The areas that are here are whole: a test holds them against main's. */
export const failures: Readonly<Record<string, FailureTexts>> = {
  input,
  jobs,
  window,
}
