/**
 * A client that remembers what it was asked, so that whoever shows an answer hears when it may be another: no
 * view lists by hand what it depends on.
 */
import type { Client } from '#contract'
import { watchedClient } from '../client.ts'
import { onChanged } from './bus.ts'

/**
 * Returns the way to a client whose calls `signal` aborts; what is asked through it is followed, and
 * `onStale` is called when any of the latest answers may have changed, until the current scope ends.
 */
export function useWatchedClient(onStale: () => void): (signal?: AbortSignal) => Client {
  const queries = new Set<string>()
  onChanged((query) => queries.has(query), onStale)
  return (signal) => watchedClient((query) => queries.add(query), signal)
}
