import { expect, it } from 'vitest'
import { fuzzParser, PARSERS } from './parsers.ts'

it.each(PARSERS)('$name: a thousand odd inputs get an answer or a sentence', async (parser) => {
  await expect(fuzzParser(parser, 1000, 1)).resolves.toBeUndefined()
})
