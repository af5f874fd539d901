import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

const SQL_TEXT = join(import.meta.dirname, '..', '..', 'scripts', 'sql-text.mjs')

/** Another program, beside the test's own process. */
export interface Companion {
  /** Calls a procedure of its contract, `noun.name`; one call at a time. */
  call(procedure: string, input?: unknown): Promise<unknown>
  /** Starts a job that only ends when it is cancelled. */
  startEndless(title: string): Promise<number>
  /** Ends it as a power cut would. */
  kill(): Promise<void>
}

/** Starts a companion with a project open; it is gone after the test. */
export async function startCompanion(home: string, project: string): Promise<Companion> {
  const child = fork(join(import.meta.dirname, 'companion-process.ts'), [home], {
    execArgv: ['--import', SQL_TEXT],
  })
  const kill = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
  }
  onTestFinished(kill)
  const answer = async (): Promise<unknown> => {
    const [message] = (await once(child, 'message')) as [{ value?: unknown; error?: string }]
    if (message.error !== undefined) {
      throw new Error(message.error)
    }
    return message.value
  }
  const call: Companion['call'] = (procedure, input = {}) => {
    const answered = answer()
    child.send({ call: procedure, input })
    return answered
  }
  await answer()
  await call('project.open', { path: project })
  return { call, kill, startEndless: async (title) => Number(await call('endless', title)) }
}
