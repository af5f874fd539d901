interface Releasable {
  release(): Promise<unknown>
}

/**
 * Runs `work`, and releases whatever it handed to `use` when it has ended, well or not: compiled graphs hold
 * memory that no garbage collector sees.
 */
export async function releasing<T>(
  work: (use: <R extends Releasable>(resource: R) => R) => Promise<T>,
): Promise<T> {
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
