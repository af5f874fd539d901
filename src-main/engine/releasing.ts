interface Releasable {
  release(): Promise<unknown>
}

/** Hands over what is to be released, and gives it back. */
export type Use = <R extends Releasable>(resource: R) => R

/**
 * Runs `work`, and releases whatever it handed to `use` when it has ended, well or not: compiled graphs hold
 * memory that no garbage collector sees.
 */
export async function releasing<T>(work: (use: Use) => Promise<T>): Promise<T> {
  const resources: Releasable[] = []
  try {
    return await work((resource) => {
      resources.push(resource)
      return resource
    })
  } finally {
    await Promise.all(resources.map((resource) => resource.release()))
  }
}
