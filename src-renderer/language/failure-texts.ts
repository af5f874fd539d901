/** What failures of main say in another language than English: every one of them, which a test holds against main's tables. */

/** A failure's sentences. Values stand in braces: `{clips}`; one that is a phrase of main says of which kind: `{earlier:split}`. */
export interface FailureText {
  /** What happened and where. */
  message: string
  /** What to do; there where the English one has it. */
  remedy?: string
}

/** The failures of an area of main by their names: those of `jobs` have `jobUnknown`. */
export type FailureTexts = Readonly<Record<string, FailureText>>
