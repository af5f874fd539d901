/** What the view shows of the topics and in which order, by keys. */
import { useCommand } from '../../composables/commands.ts'
import type { Command } from '../../composables/commands.ts'
import { nextOf } from '../../composables/cycle.ts'
import type { TopicsState } from './list.ts'
import { ORDERS } from './order.ts'

/** Returns the command that has a button as well. */
export function useDisplayKeys(topics: TopicsState): { all: Command } {
  const section = 'common.topics'
  const quiet = true
  useCommand({
    id: 'topics.view',
    title: 'topics.listOrMapOfTopics',
    section,
    keys: 'v',
    run: () => {
      topics.display.map = !topics.display.map
    },
  })
  useCommand({
    id: 'topics.order',
    title: 'topics.orderTheTopicsByThe',
    section,
    keys: 'o',
    run: () => {
      topics.display.order = nextOf(
        ORDERS.map(({ value }) => value),
        topics.display.order,
      )
    },
  })
  const shift = (by: number) => (): void => {
    topics.display.lambda = Math.round(Math.min(Math.max(topics.display.lambda + by, 0), 1) * 10) / 10
  }
  useCommand({
    id: 'topics.lambda.down',
    title: 'topics.wordsMoreByLift',
    section,
    keys: '[',
    quiet,
    run: shift(-0.1),
  })
  useCommand({
    id: 'topics.lambda.up',
    title: 'topics.wordsMoreByProbability',
    section,
    keys: ']',
    quiet,
    run: shift(0.1),
  })
  return {
    all: useCommand({
      id: 'topics.all',
      title: 'topics.showHiddenAndJunkTopics',
      section,
      keys: 'shift+h',
      run: () => {
        topics.display.all = !topics.display.all
      },
    }),
  }
}
