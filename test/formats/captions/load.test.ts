/** Captions as they lie on a disk: encodings, archives, folders, several languages. */
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { strToU8, zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { EVERY_LANGUAGE } from '../../../src-main/formats/captions/languages.ts'
import { loadCaptions } from '../../../src-main/formats/captions/load.ts'

const temporaryFolder = () => mkdtemp(join(tmpdir(), 'captions-'))

const TEXT = 'v1\tun café à Köln\nv2\tdeux\n'
const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le')
const latin1 = Buffer.from(TEXT, 'latin1')

describe('a text is read', () => {
  test.each([
    ['UTF-8', Buffer.from(TEXT), []],
    ['UTF-8 with a mark', Buffer.from(`\uFEFF${TEXT}`), []],
    ['UTF-16, little end first', utf16(`\uFEFF${TEXT}`), []],
    ['UTF-16, big end first', utf16(`\uFEFF${TEXT}`).swap16(), []],
    ['UTF-16 without a mark', utf16(TEXT), []],
    ['UTF-16 without a mark, big end first', utf16(TEXT).swap16(), []],
    ['lines of old Macs', Buffer.from(TEXT.replaceAll('\n', '\r')), []],
    ['lines of Windows', Buffer.from(TEXT.replaceAll('\n', '\r\n')), []],
    ['lines of all kinds', Buffer.from('v1\tun café à Köln\rv2\tdeux\r\n'), []],
    ['lines of Unicode', Buffer.from(TEXT.replaceAll('\n', '\u2028')), []],
    ['Latin-1, with a word of it', latin1, [expect.stringContaining('Windows-1252 (Latin-1)')]],
  ])('%s', async (_, bytes, notices) => {
    const path = join(await temporaryFolder(), 'c.tsv')
    await writeFile(path, bytes)
    const loaded = await loadCaptions(path)
    expect(loaded.entries.map(({ clip, caption, line }) => [clip, caption, line])).toEqual([
      ['v1', 'un café à Köln', 1],
      ['v2', 'deux', 2],
    ])
    expect(loaded.notices).toEqual(notices)
  })

  test.each([
    ['Chinese in GBK', Buffer.from([118, 49, 9, 0xd2, 0xbb, 0xb8, 0xf6, 0xc4, 0xd0, 0xc8, 0xcb, 10])],
    ['damaged UTF-8', Buffer.concat([Buffer.from('v1\tcafé café\nv2\t'), Buffer.from([0xe9, 10])])],
    ['a text with a zero in it', Buffer.from(`${TEXT.repeat(9)}v3\ttr\0is\n`)],
    ['no text', Buffer.from([0, 0, 0, 24, 102, 116, 121, 112, 105, 115, 111, 109, 0, 0])],
  ])('but not %s', async (_, bytes) => {
    const path = join(await temporaryFolder(), 'c.tsv')
    await writeFile(path, bytes)
    await expect(loadCaptions(path)).rejects.toThrow(/c\.tsv (?:line \d: the text is not UTF-8|is not UTF-8)/)
  })
})

test('UTF-16 without a mark may be Chinese, some of whose letters have a zero themselves', async () => {
  const path = join(await temporaryFolder(), 'c.tsv')
  for (const bytes of [utf16('v1\t一个男人\nv2\t一只猫\n'), utf16('v1\t一个男人\nv2\t一只猫\n').swap16()]) {
    await writeFile(path, bytes)
    expect((await loadCaptions(path)).entries.map(({ caption }) => caption)).toEqual(['一个男人', '一只猫'])
  }
})

test('an archive is read for its captions, and what lies beside them is not', async () => {
  const path = join(await temporaryFolder(), 'annotation.zip')
  const json = JSON.stringify({ videos: [], sentences: [{ video_id: 'video0', caption: 'a car' }] })
  await writeFile(
    path,
    zipSync({
      'category.txt': strToU8('music\t0\npeople\t1\n'),
      'readme.txt': strToU8('All video info'),
      '__MACOSX/._videodatainfo.json': strToU8('x'),
      'videodatainfo.json': strToU8(json),
    }),
  )
  const { format, entries } = await loadCaptions(path)
  expect([format, entries.map(({ clip, caption }) => [clip, caption])]).toEqual([
    'msrvtt',
    [['video0', 'a car']],
  ])

  await writeFile(path, zipSync({ 'a.png': strToU8('x') }))
  await expect(loadCaptions(path)).rejects.toThrow('annotation.zip holds no caption file.')
  await writeFile(path, zipSync({ 'a.json': strToU8('{'.repeat(99)) }).subarray(0, 60))
  await expect(loadCaptions(path)).rejects.toThrow("annotation.zip can't be unpacked")
})

test('subtitles in a folder are of the clips beside them', async () => {
  const folder = await temporaryFolder()
  await mkdir(join(folder, 'sub'))
  await writeFile(join(folder, 'v1.vtt'), 'WEBVTT\n\n00:00.000 --> 00:02.000\na man\n')
  await writeFile(join(folder, 'sub', 'v2.srt'), '1\n00:00:00,000 --> 00:00:02,000\na cat\n')
  const { entries } = await loadCaptions(folder)
  expect(entries.map(({ clip, caption, file, line }) => [clip, caption, file, line])).toEqual([
    ['sub/v2', 'a cat', 'sub/v2.srt', 2],
    ['v1', 'a man', 'v1.vtt', 3],
  ])
})

test("Hugging Face's folders are splits", async () => {
  const folder = await temporaryFolder()
  for (const split of ['train', 'validation']) {
    await mkdir(join(folder, split))
    await writeFile(join(folder, split, 'metadata.csv'), 'file_name,text\n0001.mp4,a dog\n')
  }
  expect((await loadCaptions(folder)).entries.map(({ clip, split }) => [clip, split])).toEqual([
    ['train/0001.mp4', 'train'],
    ['validation/0001.mp4', 'validation'],
  ])
})

test('what a folder says, an archive of it says as well, and one split alone', async () => {
  const folder = await temporaryFolder()
  const members = {
    'train/metadata.csv': strToU8('file_name,text\n0001.mp4,a dog\n'),
    'validation/metadata.csv': strToU8('file_name,text\n0001.mp4,a cat\n'),
  }
  const path = join(folder, 'corpus.zip')
  await writeFile(path, zipSync(members))
  expect((await loadCaptions(path)).entries.map(({ clip, split }) => [clip, split])).toEqual([
    ['train/0001.mp4', 'train'],
    ['validation/0001.mp4', 'validation'],
  ])
  await writeFile(path, zipSync({ 'sub/v2.srt': strToU8('1\n00:00:00,000 --> 00:00:02,000\na cat\n') }))
  expect((await loadCaptions(path)).entries.map(({ clip }) => clip)).toEqual(['sub/v2'])
  await mkdir(join(folder, 'train'))
  await writeFile(join(folder, 'train', 'metadata.csv'), members['train/metadata.csv'])
  expect((await loadCaptions(folder)).entries.map(({ clip, split }) => [clip, split])).toEqual([
    ['train/0001.mp4', 'train'],
  ])
})

test('what was damaged in an archive is not taken for captions', async () => {
  const path = join(await temporaryFolder(), 'captions.zip')
  const whole = Buffer.from(zipSync({ 'a.txt': strToU8('x'), 'c.tsv': strToU8('v1\ta man\n') }, { level: 0 }))
  await writeFile(path, whole)
  expect((await loadCaptions(path)).entries.map(({ caption }) => caption)).toEqual(['a man'])
  whole.write('F', whole.indexOf('man'))
  await writeFile(path, whole)
  await expect(loadCaptions(path)).rejects.toThrow(
    'captions.zip is damaged: c.tsv in it is not what was packed.',
  )
})

test('of several languages one is taken, and the others are told', async () => {
  const path = join(await temporaryFolder(), 'vatex.json')
  await writeFile(
    path,
    JSON.stringify([{ videoID: 'a_000001_000002', enCap: ['one', 'two'], chCap: ['一', '二'] }]),
  )
  const english = await loadCaptions(path)
  expect(english.entries.map(({ caption }) => caption)).toEqual(['one', 'two'])
  expect(english.notices).toEqual([
    'vatex.json: of several languages English was taken; 2 captions left out (2 in Chinese).',
  ])
  const chinese = await loadCaptions(path, { language: 'Chinese' })
  expect(chinese.entries.map(({ caption }) => caption)).toEqual(['一', '二'])
  const all = await loadCaptions(path, { language: EVERY_LANGUAGE })
  expect([all.entries.length, all.notices]).toEqual([4, []])
  await expect(loadCaptions(path, { language: 'fr' })).rejects.toThrow(
    'vatex.json holds no captions in French, but 2 in English, 2 in Chinese.',
  )
})
