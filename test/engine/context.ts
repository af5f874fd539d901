import type { EngineContext, EngineProgress } from '../../src-main/engine-host/contract/index.ts'

/**
 * What a method of the engine gets beside its params: it is never paused, cancelled by `signal` alone, and
 * what it reports is collected.
 */
export function engineContext(
  signal: AbortSignal = new AbortController().signal,
): EngineContext & { reports: EngineProgress[] } {
  const reports: EngineProgress[] = []
  return {
    signal,
    reports,
    progress: (progress) => void reports.push(progress),
    unpaused: () => Promise.resolve(),
  }
}
