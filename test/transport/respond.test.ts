import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { defineFailures } from '../../src-main/common/failures.ts'
import { PAGE_ADDRESS } from '#contract'
import { createResponder, parseRange } from '../../src-main/transport/respond.ts'

const failures = defineFailures('test', {
  clipUnknown: { code: 'NOT_FOUND', message: 'There is no such clip.' },
})

const directory = mkdtempSync(join(tmpdir(), 'vitrine-respond-'))
afterAll(() => {
  rmSync(directory, { recursive: true })
})
const rendererDir = join(directory, 'renderer')
mkdirSync(join(rendererDir, 'assets'), { recursive: true })
writeFileSync(join(rendererDir, 'index.html'), '<p>page</p>')
writeFileSync(join(rendererDir, 'assets', 'a-1.js'), 'script')
const docsDir = join(directory, 'docs')
mkdirSync(join(docsDir, 'assets'), { recursive: true })
writeFileSync(join(docsDir, 'index.html'), '<p>docs</p>')
writeFileSync(join(docsDir, 'assets', 'b-2.css'), 'p {}')
writeFileSync(join(directory, 'secret.json'), '"secret"')
const video = Buffer.from(Array.from({ length: 1000 }, (_, i) => i % 256))
writeFileSync(join(directory, 'video.mp4'), video)

const respond = createResponder(
  { window: rendererDir, docs: docsDir },
  (clipId, kind) => {
    if (clipId !== 7 || kind !== 'video') {
      return Promise.reject(failures.clipUnknown())
    }
    return Promise.resolve({ path: join(directory, 'video.mp4'), contentType: 'video/mp4' })
  },
  () => exportedPage,
)
let exportedPage: string | null = null
const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  respond(new Request(`http://app${path}`, { headers }))
const bytes = async (response: Response): Promise<Buffer> => Buffer.from(await response.arrayBuffer())

describe('window files', () => {
  it('serves the page under a policy that lets only its own scripts run', async () => {
    const page = await get('/')
    expect(await page.text()).toBe('<p>page</p>')
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self';")
    expect((await get('/assets/a-1.js')).headers.get('content-type')).toContain('text/javascript')
  })

  it.each([
    '/../secret.json',
    '/%2e%2e/secret.json',
    '/..%2fsecret.json',
    '/assets/..%2f..%2fsecret.json',
    '/%2e%2e%5csecret.json',
    '/x%00.js',
    '//secret.json',
    '/docs/../../secret.json',
    '/docs/..%2fsecret.json',
    '/docs/..%2frenderer%2findex.html',
    '/missing.js',
  ])('does not leave its folder for %s', async (path) => {
    const response = await get(path)
    expect(response.status).toBe(404)
    expect(await response.text()).not.toContain('secret"')
  })

  it('serves the page of an export where nothing runs and nothing is reached', async () => {
    expect((await get(PAGE_ADDRESS)).status).toBe(404)
    exportedPage = join(directory, 'report.html')
    writeFileSync(exportedPage, '<script>steal()</script>')
    const page = await get(PAGE_ADDRESS)
    expect(await page.text()).toBe('<script>steal()</script>')
    expect(page.headers.get('content-type')).toContain('text/html')
    const policy = page.headers.get('content-security-policy') ?? ''
    expect(policy.split('; ')).toEqual(expect.arrayContaining(['sandbox', "default-src 'none'"]))
    expect(policy).not.toMatch(/script|connect|img/)
  })

  it('answers an invalid escape with 400 and a POST with 405', async () => {
    expect((await get('/%E0%A4%A')).status).toBe(400)
    expect((await respond(new Request('http://app/', { method: 'POST' }))).status).toBe(405)
  })
})

it('serves the docs from their folder, under the policy of the window', async () => {
  const page = await get('/docs/')
  expect(await page.text()).toBe('<p>docs</p>')
  expect(page.headers.get('content-security-policy')).toBe(
    (await get('/')).headers.get('content-security-policy'),
  )
  expect(page.headers.get('cache-control')).toBe('no-cache')
  expect((await get('/docs/assets/b-2.css')).headers.get('cache-control')).toContain('immutable')
  const folder = await get('/docs')
  expect([folder.status, folder.headers.get('location')]).toEqual([308, '/docs/'])
})

describe('media', () => {
  it('serves the whole file, the part a player seeks to, and nothing for a copy that is current', async () => {
    const whole = await get('/media/video/7')
    expect([whole.status, whole.headers.get('accept-ranges'), whole.headers.get('content-type')]).toEqual([
      200,
      'bytes',
      'video/mp4',
    ])
    expect((await bytes(whole)).equals(video)).toBe(true)

    const part = await get('/media/video/7', { range: 'bytes=100-199' })
    expect([part.status, part.headers.get('content-range'), part.headers.get('content-length')]).toEqual([
      206,
      'bytes 100-199/1000',
      '100',
    ])
    expect((await bytes(part)).equals(video.subarray(100, 200))).toBe(true)

    const etag = whole.headers.get('etag') ?? ''
    expect((await get('/media/video/7', { 'if-none-match': etag })).status).toBe(304)
    expect((await get('/media/video/7', { range: 'bytes=1-2', 'if-range': '"older"' })).status).toBe(200)
  })

  it('says 416 beyond the end and 404 for a clip or address that is not there', async () => {
    const beyond = await get('/media/video/7', { range: 'bytes=1000-' })
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */1000'])
    expect((await get('/media/video/8')).status).toBe(404)
    expect((await get('/media/thumbnail/7')).status).toBe(404)
    expect((await get('/media/video/7/../../secret.json')).status).toBe(404)
  })
})

/** What RFC 9110 makes of `bytes=FIRST-LAST`, of which either may be left out. */
function rangeOf(size: number, first: number | null, last: number | null): ReturnType<typeof parseRange> {
  const isSuffix = first === null
  if (isSuffix ? last === null : last !== null && last < first) {
    return null
  }
  if (isSuffix ? last === 0 || size === 0 : first >= size) {
    return 'unsatisfiable'
  }
  return {
    start: first ?? Math.max(0, size - (last ?? 0)),
    end: isSuffix || last === null ? size - 1 : Math.min(last, size - 1),
  }
}

it('a range is inside the file and agrees with its header, whatever the header says', () => {
  fc.assert(
    fc.property(fc.nat(50), fc.option(fc.nat(60)), fc.option(fc.nat(60)), (size, first, last) => {
      const range = parseRange(`bytes=${first ?? ''}-${last ?? ''}`, size)
      expect(range).toEqual(rangeOf(size, first, last))
      const inside =
        range === null || range === 'unsatisfiable' || (range.start <= range.end && range.end < size)
      expect(inside).toBe(true)
    }),
  )
})
