/**
 * What other programs do to the open project: their edits, their jobs and their end, and whether the project is
 * still in its place. Looked for several times a second; where nothing has happened that costs microseconds.
 */
import type { Jobs } from '../../jobs/index.ts'
import type { OpenProject } from '../../store/index.ts'

/** How often writes of others are looked for, in milliseconds. */
const LOOK_EVERY = 200
/** How often it is asked whether the owners of running jobs still live, in looks. */
const OWNERS_EVERY = 10
/** A project is gone when so many looks did not find it: a network's disk may be away for a moment. */
const GONE_AFTER = 5

interface Follower {
  jobs: Jobs
  onCommit: (tables: ReadonlySet<string>) => void
  /** Something was written, and nobody knows what. */
  onUnknown: () => void
}

/** Follows a project until the returned function is called. */
export function followProject(
  { store, presence }: OpenProject,
  { jobs, onCommit, onUnknown }: Follower,
): () => void {
  let looks = 0
  let looksWithout = 0

  const lookForWrites = (): void => {
    const tables = store.writtenElsewhere()
    if (tables === null) {
      onUnknown()
    } else if (tables.size > 0) {
      onCommit(tables)
    }
    if (tables === null || tables.has('job')) {
      jobs.followOthers()
    }
  }

  /** A program that was killed says nothing of its jobs. */
  const lookForOwners = (): void => {
    if (jobs.othersAtWork() && store.jobs.interruptAbandoned()) {
      jobs.followOthers()
    }
  }

  /** What runs would write into a folder that is not the project's any more; its end says why. */
  const stopWhereGone = (): void => {
    try {
      presence.require()
      looksWithout = 0
    } catch {
      looksWithout++
    }
    if (looksWithout >= GONE_AFTER) {
      jobs.active().forEach(({ id }) => {
        jobs.cancel(id)
      })
    }
  }

  const timer = setInterval(() => {
    stopWhereGone()
    try {
      lookForWrites()
      if (++looks % OWNERS_EVERY === 0) {
        lookForOwners()
      }
    } catch {
      // Another program is writing, or the disk does not answer: the next look comes soon.
    }
  }, LOOK_EVERY)
  timer.unref()
  return () => {
    clearInterval(timer)
  }
}
