/** Keys and the commands that they run: one that acts on rows waits for them. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createRenderer, nextTick, ref, shallowRef } from 'vue'
import type { App } from 'vue'
import { commands, handleKey, useCommand } from '../../src-renderer/composables/commands.ts'
import { chosenKeys } from '../../src-renderer/composables/keys.ts'
import { useListCursor } from '../../src-renderer/composables/list-cursor.ts'
import { notices } from '../../src-renderer/composables/notices.ts'
import { useRows } from '../../src-renderer/composables/rows.ts'

/** Components without a page. */
const { createApp } = createRenderer<object, object>({
  createElement: () => ({}),
  createText: () => ({}),
  createComment: () => ({}),
  insert: () => undefined,
  remove: () => undefined,
  setText: () => undefined,
  setElementText: () => undefined,
  patchProp: () => undefined,
  parentNode: () => null,
  nextSibling: () => null,
})
let app: App<object> | null = null
function mount<T>(setup: () => T): T {
  let made: T | undefined
  app = createApp({
    setup() {
      made = setup()
      return () => null
    },
  })
  app.mount({})
  return made as T
}
/** Presses a key; returns whether it was used. */
function press(key: string): boolean {
  const preventDefault = vi.fn()
  handleKey({ key, target: null, timeStamp: 0, preventDefault } as unknown as KeyboardEvent)
  return preventDefault.mock.calls.length > 0
}

beforeEach(() => {
  vi.stubGlobal('HTMLElement', Event)
  vi.stubGlobal('document', { body: { closest: () => null, matches: () => false } })
})
afterEach(() => {
  app?.unmount()
  vi.unstubAllGlobals()
})

it('runs the innermost command of a key, or says why it can’t', () => {
  const ran: string[] = []
  const busy = ref(true)
  mount(() => {
    useCommand({
      id: 'outer',
      title: () => 'Outer',
      section: () => '',
      keys: 'o',
      run: () => ran.push('outer'),
    })
    useCommand({
      id: 'inner',
      title: () => 'Inner',
      section: () => '',
      keys: ['o', 'p'],
      run: () => ran.push('inner'),
    })
    useCommand({
      id: 'blocked',
      title: () => 'Drop',
      section: () => '',
      keys: ['o', 'd'],
      run: () => ran.push('drop'),
      blocked: () => (busy.value ? 'Nothing is chosen' : null),
    })
  })
  expect([press('o'), press('p'), press('d'), press('q')]).toEqual([true, true, false, false])
  expect(ran).toEqual(['inner', 'inner'])
  expect(notices.spoken.value).toBe('Drop: Nothing is chosen')
  busy.value = false
  expect([press('d'), ran.at(-1)]).toEqual([true, 'drop'])
})

it('goes by the place of a key where it writes no Latin letter, and by the keys that a person chose', () => {
  const ran: string[] = []
  mount(() => {
    for (const keys of ['e', 'q', '2', 'mod+z', 'g c']) {
      useCommand({ id: keys, title: () => keys, section: () => '', keys, run: () => ran.push(keys) })
    }
  })
  const pressAt = (key: string, code: string, more: Partial<KeyboardEvent> = {}) => {
    handleKey({ key, code, target: null, timeStamp: 0, preventDefault: vi.fn(), ...more } as never)
    return ran.splice(0)
  }
  expect(pressAt('у', 'KeyE')).toEqual(['e'])
  expect(pressAt('я', 'KeyZ', { ctrlKey: true })).toEqual(['mod+z'])
  expect([...pressAt('п', 'KeyG'), ...pressAt('с', 'KeyC')]).toEqual(['g c'])
  // A French keyboard: letters by what they write, digits by their place.
  expect(pressAt('a', 'KeyQ')).toEqual([])
  expect(pressAt('q', 'KeyA')).toEqual(['q'])
  expect(pressAt('é', 'Digit2')).toEqual(['2'])
  expect(pressAt('@', 'Digit2', { shiftKey: true })).toEqual([])
  chosenKeys.value = { e: ['x'] }
  expect([pressAt('e', 'KeyE'), pressAt('x', 'KeyX')]).toEqual([[], ['e']])
  chosenKeys.value = {}
})

it('keeps a key that comes before the rows, in its order among the moves', async () => {
  const rows = shallowRef<readonly { id: number }[] | null>(null)
  const cleared: number[][] = []
  mount(() => {
    const cursor = useListCursor({
      list: useRows(
        () => rows.value,
        ({ id }) => id,
      ),
      selected: ref<number | null>(null),
      start: 'none',
      marks: true,
      keys: { id: 'clips', section: () => '', noun: () => 'clip' },
    })
    useCommand({ id: 'enter', title: () => '', section: () => '', keys: '3', run: cursor.enter })
    useCommand({
      id: 'clear',
      title: () => 'Clear',
      section: () => '',
      keys: '0',
      list: cursor,
      run: () => cleared.push([...cursor.chosen.value]),
      blocked: () => (cursor.chosen.value.length === 0 ? 'Choose clips first' : null),
    })
  })
  expect(['3', 'ArrowDown', '0', 'x', 'ArrowDown', 'x', '0'].map(press)).not.toContain(false)
  expect(cleared).toEqual([])
  rows.value = [{ id: 4 }, { id: 5 }, { id: 6 }]
  await nextTick()
  await expect.poll(() => cleared).toEqual([[5], [5, 6]])
  app?.unmount()
  expect(commands.size).toBe(0)
})
