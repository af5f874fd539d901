/**
 * Moving, marking and searching the list from anywhere in the view; in the list itself its own keys do the
 * same.
 */
import { useCommand } from '../../composables/commands.ts'
import type { Command } from '../../composables/commands.ts'
import { ORDERS } from './order.ts'
import type { TopicsState } from './list.ts'

/** Returns the command that has a button as well. */
export function useListKeys(topics: TopicsState, field: () => HTMLInputElement | null): { all: Command } {
  const section = 'Topics'
  const quiet = true
  const at = (): number => topics.shown.findIndex((topic) => topic.id === topics.selected)
  useCommand({
    id: 'topics.search',
    title: 'Search labels and words',
    section,
    keys: '/',
    run: () => field()?.focus(),
  })
  useCommand({
    id: 'topics.next',
    title: 'Next topic',
    section,
    keys: 'arrowdown',
    quiet,
    run: () => {
      topics.move(1)
    },
  })
  useCommand({
    id: 'topics.previous',
    title: 'Previous topic',
    section,
    keys: 'arrowup',
    quiet,
    run: () => {
      topics.move(-1)
    },
  })
  useCommand({
    id: 'topics.mark',
    title: 'Mark the topic',
    section,
    keys: ['space', 'x'],
    quiet,
    run: () => {
      topics.mark('toggle', at(), at())
    },
    blocked: () => (at() < 0 ? 'Choose a topic first' : null),
  })
  useCommand({
    id: 'topics.mark.next',
    title: 'Mark on the way down',
    section,
    keys: 'shift+arrowdown',
    quiet,
    run: () => {
      topics.move(1, true)
    },
  })
  useCommand({
    id: 'topics.mark.previous',
    title: 'Mark on the way up',
    section,
    keys: 'shift+arrowup',
    quiet,
    run: () => {
      topics.move(-1, true)
    },
  })
  useCommand({
    id: 'topics.mark.all',
    title: 'Mark all that are listed',
    section,
    keys: 'mod+a',
    quiet,
    run: () => {
      topics.mark('all', 0, 0)
    },
  })
  useCommand({
    id: 'topics.mark.none',
    title: 'Mark none',
    section,
    keys: 'escape',
    quiet,
    run: () => {
      topics.mark('none', 0, 0)
    },
    blocked: () => (topics.marked.size === 0 ? 'None is marked' : null),
  })
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
