/** Names of languages as tags. */

/** English names to two letters, as Unicode's data has them. */
const TAGS = new Map<string, string>([
  // As older files call it.
  ['slovene', 'sl'],
])
const names = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' })
const letters = 'abcdefghijklmnopqrstuvwxyz'
for (const first of letters) {
  for (const second of letters) {
    const name = names.of(first + second)?.toLowerCase()
    if (name !== undefined && !TAGS.has(name)) {
      TAGS.set(name, first + second)
    }
  }
}

/** `English` and `EN` are `en`; what names no language stays as it is. */
export function languageOf(text: string): string {
  const word = text.trim()
  return TAGS.get(word.toLowerCase()) ?? (/^[a-z]{2,3}([-_]\w+)*$/i.test(word) ? word.toLowerCase() : word)
}

/** `en` as `English`; what is no tag stays as it is. */
export function languageName(tag: string): string {
  try {
    return names.of(tag) ?? tag
  } catch {
    return tag
  }
}
