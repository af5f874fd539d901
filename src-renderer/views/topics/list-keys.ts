/** What the view shows of the topics and in which order, by keys. */
import { useCommand } from '../../composables/commands.ts'
import type { Command } from '../../composables/commands.ts'
import type { TopicsState } from './list.ts'
import { ORDERS } from './order.ts'

/** Returns the command that has a button as well. */
export function useListKeys(topics: TopicsState): { all: Command } {
  const section = 'Topics'
  const quiet = true
  useCommand({
    id: 'topics.view',
    title: 'List or map of topics',
    section,
    keys: 'v',
    run: () => {
      topics.look.map = !topics.look.map
    },
  })
  useCommand({
    id: 'topics.order',
    title: 'Order the topics by the next figure',
    section,
    keys: 'o',
    run: () => {
      topics.look.order =
        ORDERS[(ORDERS.findIndex(({ value }) => value === topics.look.order) + 1) % ORDERS.length]?.value ??
        'clips'
    },
  })
  const shift = (by: number) => (): void => {
    topics.look.lambda = Math.round(Math.min(Math.max(topics.look.lambda + by, 0), 1) * 10) / 10
  }
  useCommand({
    id: 'topics.lambda.down',
    title: 'Words more by lift',
    section,
    keys: '[',
    quiet,
    run: shift(-0.1),
  })
  useCommand({
    id: 'topics.lambda.up',
    title: 'Words more by probability',
    section,
    keys: ']',
    quiet,
    run: shift(0.1),
  })
  return {
    all: useCommand({
      id: 'topics.all',
      title: 'Show hidden and junk topics too',
      section,
      keys: 'shift+h',
      run: () => {
        topics.look.all = !topics.look.all
      },
    }),
  }
}
