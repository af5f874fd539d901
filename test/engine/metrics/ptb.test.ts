import fc from 'fast-check'
import { expect, it } from 'vitest'
import { tokenizePtb } from '../../../src-main/engine/metrics/ptb.ts'

it.each([
  ['A man can’t believe they wanna keep 40% of that.', "a man ca n't believe they wan na keep 40 % of that"],
  ["I cannot do it, I'm gonna call.", "i can not do it i 'm gon na call"],
  ["Don't you think they're here, and he'll've gone?", "do n't you think they 're here and he 'll 've gone"],
  ["The dogs' bowls; the dog's bowl", "the dogs bowls the dog 's bowl"],
  [
    'A 2-year-old girl in a black-and-white t-shirt - smiling -- waves...',
    'a 2-year-old girl in a black-and-white t-shirt smiling waves',
  ],
  ['He said "hello", and \'bye\' “twice”', 'he said hello and bye twice'],
  // COCO's list names the brackets in capitals, so they stay.
  ['Two (2) kids [sic]', 'two -lrb- 2 -rrb- kids -lsb- sic -rsb-'],
  [
    'At 4:45pm 1,000 people ran 3.5 miles for $5, on 9/11/2001, with 1/2 cup',
    'at 4:45 pm 1,000 people ran 3.5 miles for $ 5 on 9/11/2001 with 1/2 cup',
  ],
  ['Mr. Bean vs. Dr. Who at 5 a.m. in the U.S. etc.', 'mr. bean vs. dr. who at 5 a.m. in the u.s. etc.'],
  [
    "Rock 'n' roll of the '90s, s'mores at ten o'clock with O'Brien, y'all",
    "rock 'n' roll of the '90s s'mores at ten o'clock with o'brien y' all",
  ],
  ['AT&T and/or black/white; him & her', 'at&t and/or black/white him & her'],
  ['Wow!! Really?! Yes!', 'wow !! really ?! yes'],
  ['man,woman.dog', 'man woman dog'],
  ['Un café naïf 😀\tici', 'un café naïf ici'],
  ['', ''],
])('%j', (caption, tokens) => {
  expect(tokenizePtb(caption).join(' ')).toBe(tokens)
})

it('leaves words alone, loses no letter, and always ends', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'abnst01 \'.,-!?"()/&$’n’t'), maxLength: 40 }),
      (caption) => {
        const letters = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '')
        expect(
          letters(
            tokenizePtb(caption)
              .join('')
              .replace(/-[lr]rb-/g, ''),
          ),
        ).toBe(letters(caption))
      },
    ),
    { seed: 5, numRuns: 500 },
  )
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (caption) => {
      for (const token of tokenizePtb(caption)) {
        expect(token).toMatch(/^\S+$/u)
      }
    }),
    { seed: 5, numRuns: 200 },
  )
})
