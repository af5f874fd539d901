/**
 * Who is at this window: the name that its edits are signed with and taken back by. Each window has its own; a new one
 * proposes the name that was given last on this machine.
 */
import { useLocalStorage, useSessionStorage } from '@vueuse/core'
import { PERSON_HEADER } from '#contract'

const text = { read: (stored: string): string => stored, write: (name: string): string => name }

/** Empty: nobody has said; main signs with a name of its own then. */
export const person = useSessionStorage('vitrine/person', '', { serializer: text, writeDefaults: false })
export const lastPerson = useLocalStorage('vitrine/person', '', { serializer: text, writeDefaults: false })

export function signAs(name: string): void {
  person.value = lastPerson.value = name
}

/** What every call says of the person: the one at this window, or the one whom `context` names. */
export function personHeaders({ context }: { context: object }): Record<string, string> {
  const name = 'person' in context && typeof context.person === 'string' ? context.person : person.value
  return name === '' ? {} : { [PERSON_HEADER]: encodeURIComponent(name) }
}
