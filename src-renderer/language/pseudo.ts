/**
 * English that no catalogue has been forgotten in: every sentence stands in brackets of its own, and its letters have marks. A
 * word of the window that has neither did not come from a catalogue.
 */
const MARKED: Record<string, string> = {
  a: 'á',
  e: 'é',
  i: 'í',
  o: 'ó',
  u: 'ú',
  y: 'ý',
  c: 'ç',
  n: 'ñ',
  s: 'š',
  z: 'ž',
  A: 'Á',
  E: 'É',
  I: 'Í',
  O: 'Ó',
  U: 'Ú',
  Y: 'Ý',
  C: 'Ç',
  N: 'Ñ',
  S: 'Š',
  Z: 'Ž',
}
/** A placeholder, or text before the next one. */
const PIECE = /\{[^}]*\}|[^{]+/g

type Texts = Record<string, Record<string, string>>

/** A catalogue in the pseudo-language. Placeholders, and the bar between singular and plural, stay as they are. */
export const pseudoOf = <Catalogue extends Readonly<Texts>>(catalogue: Catalogue): Catalogue =>
  Object.fromEntries(
    Object.entries(catalogue).map(([room, texts]) => [
      room,
      Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, marked(text)])),
    ]),
  ) as Catalogue

const marked = (text: string): string =>
  text
    .split(' | ')
    .map(
      (form) => `⟦${form.replaceAll(PIECE, (piece) => (piece.startsWith('{') ? piece : withMarks(piece)))}⟧`,
    )
    .join(' | ')

const withMarks = (text: string): string => text.replaceAll(/[a-z]/gi, (letter) => MARKED[letter] ?? letter)
