/** The catalogues as types: which keys there are, and which values stand in a sentence. */
import type { en } from './en/index.ts'

type English = typeof en
type Room = keyof English & string

/** `review.fixTheCaption`: the room and the name of a sentence. */
export type MessageKey = { [Name in Room]: `${Name}.${keyof English[Name] & string}` }[Room]

/** Nouns that can be counted. */
export type Counted = keyof English['counts']

/** A catalogue that has every sentence of the English one. */
export type Catalogue = { readonly [Name in Room]: Readonly<Record<keyof English[Name], string>> }

type TextOf<Key> = Key extends `${infer Name}.${infer Rest}`
  ? Name extends Room
    ? Rest extends keyof English[Name]
      ? English[Name][Rest]
      : never
    : never
  : never

/** The names in braces. What is quoted there is text: `{'|'}`. */
type NamesIn<Text> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? (Name extends `'${string}` ? never : Name) | NamesIn<Rest>
  : never

/** The keys of sentences without values: what a table may hold to have it said later. */
export type PlainKey = {
  [Key in MessageKey]: [NamesIn<TextOf<Key>>] extends [never] ? Key : never
}[MessageKey]

/** What follows a key: its values, where it has any, and the amount that chooses the plural. */
export type Arguments<Key extends MessageKey> = [NamesIn<TextOf<Key>>] extends [never]
  ? [values?: Record<string, never>, amount?: number]
  : [values: Readonly<Record<NamesIn<TextOf<Key>>, string | number>>, amount?: number]
