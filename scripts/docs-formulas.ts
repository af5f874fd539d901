/** Formulas of the docs, as GitHub has them: `$...$` within a line, and blocks marked as `math`. They become MathML. */
import katex from 'katex'

/** The formula that a text begins with, with its dollars and without; null where it begins with none. */
export function formulaAt(text: string): { raw: string; formula: string } | null {
  const [raw, formula] = /^\$(?!\s)((?:[^$\\]|\\.)+?)(?<!\s)\$(?!\d)/.exec(text) ?? []
  return raw === undefined || formula === undefined ? null : { raw, formula }
}

/** TeX as MathML, which browsers draw themselves. What it has wrong is thrown. */
export const mathOf = (formula: string, displayMode: boolean): string =>
  katex.renderToString(formula, { displayMode, output: 'mathml', throwOnError: true })
