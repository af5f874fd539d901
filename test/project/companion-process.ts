// Another program on the project of a test: the same services in a process of their own, called by messages.
import { CancelledError } from '../../src-main/common/failures.ts'
import { compose } from '../../src-main/compose.ts'
import { startNodeEngine } from '../../src-main/engine-host/process.ts'
import { engineEntry } from '../../src-main/paths.ts'
import { createLocalClient } from '../../src-main/router.ts'

const app = compose({
  home: process.argv[2] ?? '',
  startEngine: (settings) => startNodeEngine(engineEntry, settings),
  shell: 'command line',
})
const client = createLocalClient(app) as unknown as Record<
  string,
  Record<string, (input: unknown) => Promise<unknown>>
>

/** A job that only ends when it is cancelled. */
const startEndless = (title: string): number =>
  app.jobs.start(
    'checks',
    title,
    { procedure: 'corpus.checkCaptions', input: null },
    ({ signal }) =>
      new Promise((_, reject) =>
        signal.addEventListener('abort', () => reject(new CancelledError()), { once: true }),
      ),
  )

process.on('message', ({ call, input }: { call: string; input: unknown }) => {
  const [noun = '', name = ''] = call.split('.')
  const answer = call === 'endless' ? startEndless(String(input)) : client[noun]?.[name]?.(input)
  void Promise.resolve(answer).then(
    (value) => process.send?.({ value }),
    (error: Error) => process.send?.({ error: error.message }),
  )
})
process.send?.({ value: 'ready' })
