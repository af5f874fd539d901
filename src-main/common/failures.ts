/**
 * Expected failures, each with a key and named values beside its English sentence, so that another language
 * needs no second reading of the code. A folder's failures stand in its failures.ts, in one table:
 *
 *     export const failures = defineFailures('training', {
 *       inTraining: {
 *         code: 'NOT_READY',
 *         message: 'Model {modelId} is still being trained.',
 *         remedy: 'Wait, or choose another model.',
 *       },
 *     })
 *     throw failures.inTraining({ modelId: 3 })
 *
 * A value stands in braces. `{clips:clip|clips}` is a number with its noun: `1 clip`, `1,200 clips`.
 */
import type { ErrorCode, Failure } from '#contract'

/** An expected failure: one clear sentence, an optional remedy, and the file and line where they are known. */
export class VitrineError extends Error {
  override readonly name = 'VitrineError'
  readonly code: ErrorCode
  readonly key: string
  readonly values: Failure['values']
  readonly remedy: string | null

  constructor({ code, key, values, message, remedy }: Failure & { code: ErrorCode }, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.key = key
    this.values = values
    this.remedy = remedy
  }
}

/** Thrown by long work when its signal aborts; jobs turn it into the state `cancelled`. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError'
  constructor() {
    super('cancelled')
  }
}

/** The error that a failure from elsewhere, another process or a job's record, was made of. */
export function toError({ code, ...failure }: Failure): Error {
  return code === 'BUG' ? new Error(failure.message) : new VitrineError({ code, ...failure })
}

export interface FailureText {
  code: ErrorCode
  /** What happened and where. */
  message: string
  /** What to do. */
  remedy?: string
}

/** The names of the values in a text. Quotes in braces are text: `{"video": "..."}`. */
type NamesIn<Text> = Text extends `${string}{${infer Placeholder}}${infer Rest}`
  ? NameOf<Placeholder> | NamesIn<Rest>
  : never
type NameOf<Placeholder> = Placeholder extends `${string}"${string}`
  ? never
  : Placeholder extends `${infer Name}:${string}`
    ? Name
    : Placeholder
type NumbersIn<Text> = Text extends `${string}{${infer Placeholder}}${infer Rest}`
  ? (Placeholder extends `${infer Name}:${string}` ? Name : never) | NumbersIn<Rest>
  : never
type TextsOf<Text extends FailureText> =
  Text['message'] | (Text extends { remedy: infer Remedy } ? Remedy : never)
type ValuesOf<Text extends FailureText> = {
  [Name in NamesIn<TextsOf<Text>>]: Name extends NumbersIn<TextsOf<Text>> ? number : string | number
}

/** Makes the error: with values where the text has any, and what caused it. */
type Failing<Text extends FailureText> = [NamesIn<TextsOf<Text>>] extends [never]
  ? (values?: Record<string, never>, options?: ErrorOptions) => VitrineError
  : (values: ValuesOf<Text>, options?: ErrorOptions) => VitrineError

const defined = new Map<string, FailureText>()
/** All failures of the tables that were loaded so far, by key, with their values in braces: what a translation or the docs go by. */
export const definedFailures: ReadonlyMap<string, FailureText> = defined

/** A folder's failures by name; the keys are `area.name`. */
export function defineFailures<const Texts extends Record<string, FailureText>>(
  area: string,
  texts: Texts,
): { readonly [Name in keyof Texts]: Failing<Texts[Name]> } {
  const entries = Object.entries<FailureText>(texts).map(([name, text]) => {
    const { code, message, remedy } = text
    defined.set(`${area}.${name}`, text)
    const fail = (values: Readonly<Record<string, string | number>> = {}, options?: ErrorOptions) =>
      new VitrineError(
        {
          code,
          key: `${area}.${name}`,
          values,
          message: filled(message, values),
          remedy: remedy === undefined ? null : filled(remedy, values),
        },
        options,
      )
    return [name, fail]
  })
  return Object.fromEntries(entries) as { readonly [Name in keyof Texts]: Failing<Texts[Name]> }
}

const PLACEHOLDER = /\{(\w+)(?::([^|}]+)\|([^}]+))?\}/g

function filled(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replaceAll(PLACEHOLDER, (_, name: string, one?: string, many?: string) => {
    const value = values[name] ?? ''
    if (one === undefined || many === undefined) {
      return String(value)
    }
    return `${value.toLocaleString('en')} ${Number(value) === 1 ? one : many}`
  })
}
