import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cutClipNames, nameIndex, sourceVideo } from '../../../src-main/formats/captions/clip-names.ts'

/** Finds among clips of a folder by name. */
function find(clips: string[], name: string): string | null {
  const index = nameIndex()
  clips.forEach((file, place) => {
    index.add({ name: file.replace(/\.\w+$/, ''), path: `/data/clips/${file}` }, place)
  })
  const place = index.find(name)
  return typeof place === 'number' ? clips[place]! : place
}

test.each([
  ['/data/clips/v1.mp4', 'v1.mp4'],
  ['v1', 'v1.mp4'],
  ['v1.avi', 'v1.mp4'],
  ['./v1.mp4', 'v1.mp4'],
  ['.\\sub\\w.mp4', 'sub/w.mp4'],
  ['sub//./w', 'sub/w.mp4'],
  ['w.mp4', 'sub/w.mp4'],
  ['/home/someone/data/v1.mp4', 'v1.mp4'],
  ['D:\\data\\sub\\w.mp4', 'sub/w.mp4'],
  ['file:///home/x/sub/w%2Emp4', 'sub/w.mp4'],
  ['v1.mp4#4', 'v1.mp4'],
  ['/data/upload/1/0a1b2c3d-v1.mp4', 'v1.mp4'],
  ['https://example.org/clips/v1.mp4?download=1', 'v1.mp4'],
  ['a%20b.mp4', 'a b.mp4'],
  ['../clips/v1.mp4', 'v1.mp4'],
  ['cafe\u0301', 'caf\u00e9.mp4'],
  ['v1.5', 'v1.5.mp4'],
  ['v2', null],
  ['V1', null],
])('%s is %s', (name, clip) => {
  expect(find(['v1.mp4', 'sub/w.mp4', 'caf\u00e9.mp4', 'v1.5.mp4', 'a b.mp4'], name)).toBe(clip)
})

test('of two clips of a name the path decides, and a path that is no other of them means neither', () => {
  const clips = ['v1.mp4', 'sub/v1.mp4', 'a/x.mp4', 'b/x.mp4']
  expect(find(clips, 'v1')).toBe('v1.mp4')
  expect(find(clips, '/data/clips/v1.mp4')).toBe('v1.mp4')
  expect(find(clips, '/elsewhere/sub/v1.mp4')).toBe('sub/v1.mp4')
  expect(find(clips, '/elsewhere/v1.mp4')).toBe('ambiguous')
  expect(find(clips, 'x')).toBe('ambiguous')
  expect(find(clips, 'c/x.mp4')).toBe('ambiguous')
})

test('every clip is found by its own name, whatever others are there', () => {
  const name = fc
    .string({ unit: fc.constantFrom(...'ab/#.1é'), minLength: 1, maxLength: 6 })
    .filter((text) => /^[^/](?:.*[^/])?$/.test(text) && !/\/[./]|^\./.test(text))
  fc.assert(
    fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 8 }), (names) => {
      const index = nameIndex()
      names.forEach((clip, place) => {
        index.add({ name: clip }, place)
      })
      expect(names.map((clip) => index.find(clip))).toEqual(names.map((_, place) => place))
    }),
  )
})

test('parts of videos are called by their times, and say what they were cut from', () => {
  expect(cutClipNames('abcDEF_gh1x', 33, 46).slice(0, 2)).toEqual([
    'abcDEF_gh1x_33_46',
    'abcDEF_gh1x_000033_000046',
  ])
  expect(sourceVideo('clips/mv89psg6zh4_33_46.avi')).toBe('mv89psg6zh4')
  expect(sourceVideo('Ptf_2VRj-V0_000122_000132')).toBe('Ptf_2VRj-V0')
  expect(sourceVideo('v_Basketball_g01_c02.avi')).toBe('v_Basketball_g01')
  expect(sourceVideo('scene_001_002')).toBeNull()
  expect(sourceVideo('video7010')).toBeNull()
})
