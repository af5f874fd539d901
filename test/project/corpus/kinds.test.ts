/** What of a folder is a clip: films, photographs, frames of films, and pictures that were made of films. */
import { describe, expect, test } from 'vitest'
import type { MediaChoice } from '#contract'
import { breather } from '../../../src-main/common/breather.ts'
import { areFrames } from '../../../src-main/media/frame-folder.ts'
import { takeClips } from '../../../src-main/project/corpus/kinds.ts'
import type { WalkedFolder } from '../../../src-main/project/corpus/kinds.ts'

/** Folders as a walk finds them; a name that ends in .mp4 is a video's. */
const walked = (folders: Record<string, string[]>): WalkedFolder[] =>
  Object.entries(folders).map(([inside, files]) => ({
    inside,
    videos: files.filter((name) => name.endsWith('.mp4')),
    pictures: files.filter((name) => !name.endsWith('.mp4')),
  }))

const frames = (count: number, prefix = 'img_', from = 1, step = 1): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${String(from + i * step).padStart(5, '0')}.jpg`)

async function taken(
  folders: Record<string, string[]>,
  names: string[] = [],
  media: MediaChoice = 'auto',
): Promise<{ clips: string[]; guessed: string[]; ofVideos: string[] }> {
  const { clips, ...others } = await takeClips(walked(folders), {
    media,
    names: new Set(names),
    breathe: breather(),
  })
  return { clips: clips.map(({ file, kind }) => `${kind} ${file}`), ...others }
}

describe('by looks', () => {
  test('frames of films, a folder each, as UCF101 is extracted', async () => {
    const { clips, guessed } = await taken({
      '': [],
      'v_Biking_g01_c01/': frames(30),
      'v_Biking_g01_c02/': frames(12, 'frame', 0, 5),
    })
    expect(clips).toEqual(['frames v_Biking_g01_c01', 'frames v_Biking_g01_c02'])
    expect(guessed).toEqual(['v_Biking_g01_c01', 'v_Biking_g01_c02'])
  })

  test.each([
    ['photographs of Flickr8k', ['1000268201_693b08cb0e.jpg', '1001773457_577c3a7d70.jpg']],
    ['pictures of COCO', ['000000000139.jpg', '000000000285.jpg', '000000000632.jpg']],
    ['two photographs of a camera', ['IMG_0012.jpg', 'IMG_0999.jpg']],
    ['a single picture', ['img_00001.jpg']],
  ])('%s are clips of their own', async (_, pictures) => {
    const { clips, guessed } = await taken({ '': [], 'images/': pictures })
    expect(clips).toEqual(pictures.map((name) => `picture images/${name}`))
    expect(guessed).toEqual([])
  })

  test('numbered pictures right in the folder that was asked for are clips', async () => {
    expect((await taken({ '': frames(2) })).clips).toEqual(['picture img_00001.jpg', 'picture img_00002.jpg'])
  })

  test('a folder with more than frames holds pictures', async () => {
    const { clips } = await taken({ 'a/': frames(2), 'a/b/': frames(2), 'c/': [...frames(2), 'film.mp4'] })
    expect(clips).toEqual([
      'frames a/b',
      'picture a/img_00001.jpg',
      'picture a/img_00002.jpg',
      'video c/film.mp4',
      'picture c/img_00001.jpg',
      'picture c/img_00002.jpg',
    ])
  })

  test('what was made of a film is left out', async () => {
    const { clips, ofVideos } = await taken({
      'films/': ['v1.mp4', 'v2.mp4', 'v1.jpg'],
      'frames/v2/': frames(9),
      'pictures/': ['other.jpg'],
    })
    expect(clips).toEqual(['video films/v1.mp4', 'video films/v2.mp4', 'picture pictures/other.jpg'])
    expect(ofVideos).toEqual(['films/v1.jpg', 'frames/v2'])
  })
})

describe('captions decide', () => {
  test('a folder that one names is a clip, whatever its pictures are called', async () => {
    const folders = { 'a/': ['dawn.jpg', 'noon.jpg'], 'b/': frames(3) }
    const { clips, guessed } = await taken(folders, ['a'])
    expect(clips).toEqual(['frames a', 'frames b'])
    expect(guessed).toEqual(['b'])
  })

  test('numbered pictures that they name are clips', async () => {
    const { clips, guessed } = await taken({ 'val/': frames(3, 'VizWiz_val_') }, ['VizWiz_val_00002.jpg#0'])
    expect(clips).toHaveLength(3)
    expect(clips[0]).toMatch(/^picture/)
    expect(guessed).toEqual([])
  })

  test('a picture in every folder of that name says nothing', async () => {
    const { clips } = await taken({ 'a/': frames(3), 'b/': frames(3) }, ['img_00001.jpg'])
    expect(clips).toEqual(['frames a', 'frames b'])
  })
})

test.each<[MediaChoice, string[]]>([
  ['videos', ['video v1.mp4']],
  ['pictures', ['picture a/img_00001.jpg', 'picture a/img_00002.jpg', 'picture v1.jpg']],
  ['frames', ['frames ', 'frames a']],
])('a person may ask for %s', async (media, clips) => {
  expect((await taken({ '': ['v1.mp4', 'v1.jpg'], 'a/': frames(2) }, [], media)).clips).toEqual(clips)
})

test.each<[string[], boolean]>([
  [['1.png', '2.png', '10.png', '3.png'], false],
  [['1.png', '2.png', '3.png'], true],
  [['9.jpg', '10.jpg', '11.jpg'], true],
  [['a1.jpg', 'b2.jpg'], false],
  [['a1.jpg', 'a2.png'], false],
  [['a.jpg', 'b.jpg'], false],
  [['f000.jpg', 'f025.jpg', 'f050.jpg'], true],
  [['f000.jpg', 'f400.jpg', 'f800.jpg'], false],
])('%j are frames: %s', (names, expected) => {
  expect(areFrames(names)).toBe(expected)
})
