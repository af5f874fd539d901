/**
 * The notation of keys: "mod+k" (Ctrl, or Command on a Mac), "shift+arrowleft", "?", "space", or a sequence "g c"; how it
 * is read from the keyboard, shown as caps, and which keys a person chose in place of a command's own.
 */
import { usePersisted } from './persisted.ts'

/** By a command's id; an empty list: none. */
export const chosenKeys = usePersisted<Record<string, string[]>>('keys', {})

const mac = navigator.userAgent.includes('Mac')
const NAMES: Record<string, string> = {
  mod: mac ? '⌘' : 'Ctrl',
  shift: 'Shift',
  alt: 'Alt',
  space: 'Space',
  enter: 'Enter',
  escape: 'Esc',
  delete: 'Del',
  backspace: 'Backspace',
  arrowleft: '←',
  arrowright: '→',
  arrowup: '↑',
  arrowdown: '↓',
  home: 'Home',
  end: 'End',
}
/** The caps of a key combination or sequence, as on the keyboard: "mod+shift+z" -> ["Ctrl", "Shift", "Z"]. */
export const keyCaps = (keys: string): string[] =>
  (keys === '+' ? ['+'] : keys.split(/[+ ]/))
    .filter((cap) => cap !== '')
    .map((cap) => NAMES[cap] ?? cap.toUpperCase())

/** Keys that are held with others, and are nothing alone. */
const HELD = new Set(['Shift', 'Control', 'Alt', 'Meta', 'AltGraph', 'CapsLock', 'Fn'])

/**
 * What a keyboard event may be called, the likeliest first: by the character that it writes, and where that is no Latin
 * letter (on a Cyrillic or a Greek layout, or a digit of a French one), by the place that the key has on an English
 * keyboard. Empty for a key that is only held.
 */
export function keyNames(event: KeyboardEvent): string[] {
  if (HELD.has(event.key)) {
    return []
  }
  const key = event.key === ' ' ? 'space' : event.key.toLowerCase()
  // Shift is named only where the character does not already show it.
  const shows = key.length === 1 && key.toUpperCase() === key
  const byCharacter = `${heldKeys(event, !shows)}${key}`
  const place = /^[a-z]$/.test(key) ? undefined : /^(?:Key|Digit)([A-Z\d])$/.exec(event.code)?.[1]
  return place === undefined ? [byCharacter] : [byCharacter, `${heldKeys(event, true)}${place.toLowerCase()}`]
}

const heldKeys = (event: KeyboardEvent, withShift: boolean): string =>
  [
    event.ctrlKey || event.metaKey ? 'mod+' : '',
    event.altKey ? 'alt+' : '',
    event.shiftKey && withShift ? 'shift+' : '',
  ].join('')
