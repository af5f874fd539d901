import type { Client } from '#contract'

/**
 * Opens the named project, else the one that was open last. Throws what opening the named one throws; when
 * the last one is gone or broken, the window simply starts at its welcome page, which lists it.
 */
export async function openAtStart(client: Client, project: string | null): Promise<void> {
  if (project !== null) {
    await client.project.open({ path: project })
    return
  }
  const [last] = (await client.project.recent()).filter((recent) => recent.exists)
  if (last === undefined) {
    return
  }
  try {
    await client.project.open({ path: last.path })
  } catch (error) {
    console.error(`${last.path} was not opened: ${error instanceof Error ? error.message : String(error)}`)
  }
}
