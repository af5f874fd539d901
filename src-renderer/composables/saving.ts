/** Files that the window itself makes: the browser saves them where it saves what is downloaded. */

/** A name for a file from words: letters and digits of any script, with hyphens between them, at most 80. */
export const fileName = (words: string, ending: string): string =>
  `${
    words
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, '-')
      .slice(0, 80)
      .replace(/^-|-$/g, '') || 'vitrine'
  }.${ending}`

/** Offers `content` as a file. */
export function saveFile(name: string, content: Blob): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  link.click()
  // The browser reads it after this turn; nobody tells when it has.
  setTimeout(() => {
    URL.revokeObjectURL(link.href)
  }, 60_000)
}
