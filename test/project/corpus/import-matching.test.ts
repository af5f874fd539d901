import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { matchLines } from '../../../src-main/project/corpus/import/matching.ts'
import { pairVideos } from '../../../src-main/project/corpus/import/pairing.ts'
import type { FoundVideo, PairableClip } from '../../../src-main/project/corpus/import/pairing.ts'
import type { KnownCaption } from '../../../src-main/store/index.ts'
import { line } from '../../store/folder.ts'

const atOnce = () => undefined

describe('a video is the clip', () => {
  const pair = (videos: [string, string | null][], clips: Partial<PairableClip>[]) =>
    pairVideos(
      videos.map(([file, contentHash]): FoundVideo => {
        const name = file.replace(/\.mp4$/, '')
        return { name: name.slice(name.indexOf('/') + 1), path: file, contentHash }
      }),
      clips.map((clip) => ({ name: 'x', path: null, contentHash: null, isThere: false, ...clip })),
      atOnce,
    )

  test('of its content, wherever it lies and whatever it is called', async () => {
    expect(
      await pair(
        [
          ['new/b.mp4', 'A'],
          ['new/c.mp4', 'C'],
        ],
        [
          { name: 'a', path: 'old/a.mp4', contentHash: 'A' },
          { name: 'b', path: 'old/b.mp4', contentHash: 'B', isThere: true },
        ],
      ),
    ).toEqual([0, null])
  })

  test('that was there, where two have its content, and the others are those whose own file is gone', async () => {
    const clips = [
      { name: 'one', path: 'v/one.mp4', contentHash: 'A', isThere: true },
      { name: 'two', path: 'v/two.mp4', contentHash: 'A' },
      { name: 'three', path: 'v/three.mp4', contentHash: 'A', isThere: true },
    ]
    expect(
      await pair(
        [
          ['v/renamed.mp4', 'A'],
          ['v/three.mp4', 'A'],
          ['v/one.mp4', 'A'],
          ['v/copy.mp4', 'A'],
        ],
        clips,
      ),
    ).toEqual([1, 2, 0, null])
  })

  test('of its path, where its content is another one', async () => {
    const clips = [{ name: 'a', path: 'v/a.mp4', contentHash: 'A', isThere: true }]
    expect(await pair([['v/a.mp4', 'encoded anew']], clips)).toEqual([0])
    expect(await pair([['v/a.mp4', null]], clips)).toEqual([0])
  })

  test('of content before path, where two files have changed places', async () => {
    const clips = [
      { name: 'a', path: 'v/a.mp4', contentHash: 'A', isThere: true },
      { name: 'b', path: 'v/b.mp4', contentHash: 'B', isThere: true },
    ]
    expect(
      await pair(
        [
          ['v/a.mp4', 'B'],
          ['v/b.mp4', 'A'],
        ],
        clips,
      ),
    ).toEqual([1, 0])
  })

  test('of its name, where that has no video and only one fits', async () => {
    expect(await pair([['v/a.mp4', 'A']], [{ name: 'a' }])).toEqual([0])
    expect(await pair([['v/a.mp4', 'A']], [{ name: 'a.mp4' }])).toEqual([0])
    expect(await pair([['v/sub/a.mp4', 'A']], [{ name: 'a' }])).toEqual([0])
    expect(await pair([['v/a.mp4', 'A']], [{ name: 'a.mp4' }, { name: 'a' }])).toEqual([1])
    const two: [string, string][] = [
      ['v/one/a.mp4', 'A'],
      ['v/two/a.mp4', 'B'],
    ]
    expect(await pair(two, [{ name: 'a' }])).toEqual([null, null])
  })

  test('never of its name alone, where that has a video of its own', async () => {
    const there = { name: 'a', path: 'one/a.mp4', contentHash: 'A', isThere: true }
    expect(await pair([['two/a.mp4', 'B']], [there])).toEqual([null])
    expect(await pair([['two/a.mp4', 'B']], [{ ...there, isThere: false }])).toEqual([0])
  })

  test('and no clip is two videos', async () => {
    const hash = fc.constantFrom('A', 'B', 'C')
    const path = fc.constantFrom('v/a.mp4', 'v/b.mp4', 'w/a.mp4', 'w/c.mp4')
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(path, fc.option(hash)), { selector: ([file]) => file }),
        fc.array(
          fc.record({
            name: fc.constantFrom('a', 'b', 'c'),
            path: fc.option(path),
            contentHash: fc.option(hash),
            isThere: fc.boolean(),
          }),
        ),
        async (videos, clips) => {
          const pairs = (await pair(videos, clips)).filter((clip) => clip !== null)
          expect(new Set(pairs).size).toBe(pairs.length)
        },
      ),
    )
  })
})

describe('a line of a caption file', () => {
  let nextId = 1
  const caption = (text: string, more: Partial<KnownCaption> = {}): KnownCaption => ({
    id: nextId++,
    text,
    importedText: text,
    language: null,
    removed: false,
    undone: false,
    ...more,
  })

  test('is the caption that was imported so, though a person has edited or removed it since', () => {
    const edited = caption('a bird', { importedText: 'a brid' })
    const removed = caption('a hen', { removed: true })
    expect(matchLines(['a brid', 'a hen', 'a cat'].map(line), [edited, removed])).toEqual({
      added: [line('a cat')],
      returning: [],
      kept: [edited, removed],
    })
  })

  test('is the caption that reads so now, where the file was mended too', () => {
    const edited = caption('a bird', { importedText: 'a brid' })
    expect(matchLines([line('a bird')], [edited])).toMatchObject({ added: [], kept: [edited] })
  })

  test('comes as often as the file has it, and not more often with each import', () => {
    const known = [caption('a bird')]
    expect(matchLines(['a bird', 'a bird', 'a bird'].map(line), known).added).toEqual([
      line('a bird'),
      line('a bird'),
    ])
    expect(matchLines([line('a bird')], [...known, caption('a bird')]).added).toEqual([])
  })

  test('brings back what an undone import had', () => {
    const undone = caption('a bird', { undone: true })
    expect(matchLines(['a bird', 'a bird'].map(line), [undone])).toEqual({
      added: [line('a bird')],
      returning: [undone],
      kept: [],
    })
  })

  test('imported twice adds nothing, whatever people did in between', () => {
    const text = fc.constantFrom('a', 'b', 'c')
    const known = fc.array(fc.record({ text, removed: fc.boolean(), undone: fc.boolean() }))
    const edits = fc.array(fc.tuple(fc.nat(), fc.option(fc.constantFrom('edited', 'edited again'))))
    fc.assert(
      fc.property(fc.array(text), known, edits, (texts, rows, changes) => {
        const lines = texts.map(line)
        const before = rows.map(({ text: words, ...state }) => caption(words, state))
        const { added, returning } = matchLines(lines, before)
        const captions = [
          ...before.map((row) => ({ ...row, undone: row.undone && !returning.includes(row) })),
          ...added.map(({ text: words }) => caption(words)),
        ]
        // People edit captions that they see, or remove them.
        for (const [at, change] of changes) {
          const seen = captions[at % Math.max(1, captions.length)]
          if (seen?.undone === false) {
            Object.assign(seen, change === null ? { removed: true } : { text: change })
          }
        }
        expect(matchLines(lines, captions)).toMatchObject({ added: [], returning: [] })
      }),
    )
  })
})
