/**
 * A command is everything a person can do: a title, a key and what it runs. Buttons, the palette, the key
 * overlay and the keyboard all work from this one registry, so that nothing has a key that its tooltip does
 * not show. Keys are written as keys.ts says, where those that a person chose are kept.
 */
import { computed, inject, onMounted, onUnmounted, provide, ref, shallowReactive, shallowRef } from 'vue'
import type { ComputedRef, InjectionKey, Ref } from 'vue'
import { worded } from '../language/index.ts'
import type { Wording } from '../language/index.ts'
import { chosenKeys, keyNames } from './keys.ts'
import { notices } from './notices.ts'

/** A list that may still wait for its rows, or a line of acts; `whenFilled` does something in its turn. */
export interface FillingList {
  readonly pending: Readonly<Ref<boolean>>
  whenFilled(act: () => void): void
}

export interface CommandOptions {
  id: string
  title: Wording
  /** Where the palette and the overlay list it: "Go to", "Review", "Player" ... */
  section: Wording
  keys?: string | readonly string[]
  run: () => unknown
  /** Why it can't run now, in a few words; null when it can. */
  blocked?: () => string | null
  /** The list whose rows it acts on, or the line that it stands in: its key waits until it can act. */
  list?: FillingList
  /** It opens a dialog, and does nothing before that is answered. */
  asks?: boolean
  /** A key that is held runs it once. */
  once?: boolean
  /** Left out of the palette: moves that only make sense from the keyboard. */
  quiet?: boolean
}

export interface Command extends Omit<CommandOptions, 'title' | 'section'> {
  /** In the language that the window speaks now. */
  readonly title: string
  readonly section: string
  /** The keys that run it: its own, unless a person chose others. */
  readonly keys: readonly string[]
  readonly usualKeys: readonly string[]
  reason: ComputedRef<string | null>
  invoke(): void
}

const registry = shallowReactive(new Set<Command>())

/** All commands of what is on screen, in order of registration. */
export const commands: ReadonlySet<Command> = registry

const LIST = Symbol('list') as InjectionKey<FillingList>

/** Below this component commands act on a row of this list, unless they name another. */
export function useListOfCommands(list: FillingList): void {
  provide(LIST, list)
}

/** Lists that a key without a command may mean: what shows their rows comes with the first of them. */
const filling = shallowReactive(new Set<FillingList>())

/** Makes a list that of the view, as long as the component that shows it is there. */
export function useListOfView(list: FillingList): void {
  onMounted(() => filling.add(list))
  onUnmounted(() => filling.delete(list))
}

/** A command that lives as long as the component which declares it. */
export function useCommand(options: CommandOptions): Command {
  const usualKeys = typeof options.keys === 'string' ? [options.keys] : (options.keys ?? [])
  const running = shallowRef(false)
  const reason = computed(() => options.blocked?.() ?? null)
  const list = options.list ?? inject(LIST, undefined)
  const command: Command = {
    ...options,
    ...(list !== undefined && { list }),
    get title() {
      return worded(options.title)
    },
    get section() {
      return worded(options.section)
    },
    usualKeys,
    get keys() {
      return chosenKeys.value[options.id] ?? usualKeys
    },
    reason,
    invoke() {
      if (running.value || reason.value !== null) {
        return
      }
      const outcome = attempt(options.run)
      if (!(outcome instanceof Promise)) {
        return
      }
      running.value = true
      void outcome.finally(() => {
        running.value = false
      })
    },
  }
  onMounted(() => registry.add(command))
  onUnmounted(() => registry.delete(command))
  return command
}

/** A command that opens a dialog, which is bound to `open`. */
export function useDialog(options: Omit<CommandOptions, 'run'>): { open: Ref<boolean>; command: Command } {
  const open = ref(false)
  const command = useCommand({
    ...options,
    asks: true,
    run: () => {
      open.value = true
    },
  })
  return { open, command }
}

/** Runs something a person asked for; a failure becomes a notice. Returns the promise when it takes time. */
export function attempt(run: () => unknown): Promise<void> | undefined {
  try {
    const outcome = run()
    if (outcome instanceof Promise) {
      return outcome.then(
        () => undefined,
        (error: unknown) => {
          notices.fail(error)
        },
      )
    }
  } catch (error) {
    notices.fail(error)
  }
  return undefined
}

const typing = (target: HTMLElement): boolean =>
  target.matches(
    'input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select, [contenteditable]',
  )
/** Keys that the focused control itself uses. */
const taken = (target: HTMLElement, key: string): boolean =>
  (/^(space|enter)$/.test(key) &&
    target.matches('button, a, summary, [role=button], [role=option], [role=tab], [role=checkbox]')) ||
  (key === 'space' && target.matches('[type=checkbox], [type=radio]')) ||
  (/^(arrow|home|end|page)/.test(key) &&
    target.matches('[role=slider], [role=separator], [role=radio], [role=tab], [type=range], [type=radio]'))

let first: { key: string; at: number } | null = null

/** Runs the command of a key event, if there is one. Installed once, on the window. */
export function handleKey(event: KeyboardEvent): void {
  const target = event.target instanceof HTMLElement ? event.target : document.body
  const key = nameOf(event)
  if (key === null) {
    return
  }
  const free = key.startsWith('mod+') || key.startsWith('alt+')
  if (event.defaultPrevented || event.isComposing) {
    return
  }
  // What floats over the view has keys of its own; `data-keys` lists those that it leaves to commands.
  const over = target.closest<HTMLElement>('[role=dialog], [role=menu]')
  if (over !== null && key !== 'mod+k' && !(over.dataset['keys'] ?? '').split(' ').includes(key)) {
    return
  }
  if (typing(target)) {
    // Escape leaves a field; all other keys without Ctrl or Alt are what is typed.
    if (key === 'escape') {
      event.preventDefault()
      target.blur()
    }
    if (!free) {
      return
    }
  }
  // A field undoes and selects its own text.
  if (free && typing(target) && /^mod\+(a|(shift\+)?z)$/.test(key)) {
    return
  }
  if (taken(target, key)) {
    return
  }
  const found = commandOf(key, event)
  first = found === undefined && startsSequence(key) ? { key, at: event.timeStamp } : null
  if (found === undefined) {
    if (first === null && !event.repeat) {
      waitForCommand(key)
    }
    return
  }
  if (event.repeat && found.once === true) {
    event.preventDefault()
    return
  }
  if (found.list?.pending.value) {
    event.preventDefault()
    // Each press counts; a key that is held does as much as there is time for.
    if (!event.repeat) {
      found.list.whenFilled(() => {
        press(found)
      })
    }
  } else if (press(found)) {
    event.preventDefault()
  }
}

/** A key may be of a command that comes with the rows of a list. */
function waitForCommand(key: string): void {
  const list = [...filling].find(({ pending }) => pending.value)
  list?.whenFilled(() => {
    const command = match(key)
    if (command !== undefined) {
      press(command)
    }
  })
}

/** What a key event is called: the first of its names that means something here, else the first. */
function nameOf(event: KeyboardEvent): string | null {
  const names = keyNames(event)
  const isUsed = (key: string): boolean => commandOf(key, event) !== undefined || startsSequence(key)
  return names.find(isUsed) ?? names[0] ?? null
}
/** The command of a key, or of the sequence that it ends. */
function commandOf(key: string, { timeStamp }: KeyboardEvent): Command | undefined {
  const sequence = first !== null && timeStamp - first.at < 1200 ? `${first.key} ${key}` : null
  return (sequence === null ? undefined : match(sequence)) ?? match(key)
}

/** Runs a command, or says why it can't run now. Returns whether it ran. */
function press(command: Command): boolean {
  if (command.reason.value !== null) {
    notices.say(`${command.title}: ${command.reason.value}`)
    return false
  }
  command.invoke()
  return true
}

const canRun = (command: Command): boolean =>
  command.reason.value === null || command.list?.pending.value === true
/**
 * The command of a key: one that can run before one that can't, then the one declared last (the innermost).
 */
function match(key: string): Command | undefined {
  const candidates = [...registry].reverse().filter((command) => command.keys.includes(key))
  return candidates.find(canRun) ?? candidates[0]
}
/** Other commands of what is on screen that a key would run. */
export const rivalsOf = (command: Command, key: string): Command[] =>
  [...registry].filter((other) => other.id !== command.id && other.keys.includes(key))
const startsSequence = (key: string): boolean =>
  [...registry].some((command) => command.keys.some((keys) => keys.startsWith(`${key} `)))
