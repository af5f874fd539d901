/**
 * Answers every request of the window that is not a call: its own files, the docs, the clips' thumbnails, film
 * strips and videos, and the page of an export. All shells use this one function, Electron for `vitrine://app/...` and `serve` for HTTP,
 * so a URL means the same in both.
 */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { extname, resolve, sep } from 'node:path'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { MEDIA_KINDS, PAGE_ADDRESS } from '#contract'
import type { MediaKind } from '#contract'
import { VitrineError } from '../common/failures.ts'
import { expectedError } from '../common/files/file-errors.ts'

const MEDIA_PATH = new RegExp(`^/media/(${MEDIA_KINDS.join('|')})/(\\d{1,15})$`)

/** Whether an address is that of media: the only ones that not everybody may see. */
export const isMedia = ({ pathname }: URL): boolean => pathname.startsWith('/media/')

/**
 * Where a clip's picture, film strip or playable video lies. Rejects with NOT_FOUND when the clip or its
 * media is not there.
 */
type MediaFile = (
  clipId: number,
  kind: MediaKind,
  signal: AbortSignal,
  /** Whose frames a film strip shows. */
  modelId: number | null,
) => Promise<{ path: string; contentType: string }>

/**
 * Only the window's own scripts and styles run, and nothing leaves for elsewhere. What components set on
 * their own elements is set by scripts, which a policy of styles does not concern.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self'",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** An export's page has its style in itself, runs nothing, fetches nothing, and is of no origin: it can reach no window. */
const PAGE_POLICY = [
  'sandbox',
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const CONTENT_TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
}

/** What every answer carries, whatever it is. */
export const SECURITY_HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
}

/** Where the docs begin: a site of their own, whose links are relative. */
export const DOCS_PATH = '/docs/'

/** The folders of the built window and of the built docs. */
interface SiteFolders {
  window: string
  docs: string
}

/**
 * The responder over the window's and the docs' files, the open project's media, and the page of the last export (null:
 * there is none). It never rejects.
 */
export function createResponder(
  folders: SiteFolders,
  mediaFile: MediaFile,
  exportedPage: () => string | null,
): (request: Request) => Promise<Response> {
  const roots = { window: resolve(folders.window), docs: resolve(folders.docs) }

  async function answer(request: Request): Promise<Response> {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return plain(405, 'Only GET and HEAD are answered here.')
    }
    const { pathname, searchParams } = new URL(request.url)
    if (pathname === PAGE_ADDRESS) {
      const page = exportedPage()
      return page === null
        ? plain(404, 'There is no such page.')
        : await sendFile(request, page, {
            'content-type': 'text/html; charset=utf-8',
            'content-security-policy': PAGE_POLICY,
            'cache-control': 'no-store',
          })
    }
    const media = MEDIA_PATH.exec(pathname)
    if (media !== null) {
      const file = await mediaFile(
        Number(media[2]),
        media[1] as MediaKind,
        request.signal,
        Number(searchParams.get('model')) || null,
      )
      return await sendFile(request, file.path, {
        'content-type': file.contentType,
        'cache-control': 'no-cache',
      })
    }
    if (`${pathname}/` === DOCS_PATH) {
      return plain(308, 'The docs are a folder.', { location: DOCS_PATH })
    }
    return pathname.startsWith(DOCS_PATH)
      ? await sendPage(request, roots.docs, pathname.slice(DOCS_PATH.length - 1))
      : await sendPage(request, roots.window, pathname)
  }

  return async (request) => {
    try {
      return await answer(request)
    } catch (error) {
      return failureResponse(error, request)
    }
  }
}

/** A file of a built site: a page, or what belongs to one. `pathname` begins with a slash. */
async function sendPage(request: Request, root: string, pathname: string): Promise<Response> {
  const path = resolve(root, `.${pathname === '/' ? '/index.html' : decodeURIComponent(pathname)}`)
  const contentType = CONTENT_TYPES[extname(path)]
  if (!path.startsWith(root + sep) || path.includes('\0') || contentType === undefined) {
    return plain(404, 'There is no such page.')
  }
  // The build names assets by their content; only pages keep their names.
  const cacheControl = pathname.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache'
  return await sendFile(request, path, { 'content-type': contentType, 'cache-control': cacheControl })
}

function failureResponse(error: unknown, request: Request): Response {
  if (error instanceof URIError) {
    return plain(400, 'The address is not valid.')
  }
  const expected = expectedError(error)
  if (expected !== null) {
    // The window need not know where its files lie.
    const text = error instanceof VitrineError ? expected.message : 'There is no such file.'
    return plain(expected.code === 'NOT_FOUND' ? 404 : 409, text)
  }
  if (!request.signal.aborted) {
    console.error(error)
  }
  return plain(500, 'The request failed.')
}

/**
 * The file at `path`, streamed from disk; 206 with the part asked for when the request has one byte range
 * (players seek with it), 304 when the browser's copy is current. Several ranges at once are answered with
 * the whole, as RFC 9110 allows.
 */
async function sendFile(request: Request, path: string, headers: Record<string, string>): Promise<Response> {
  const stats = await stat(path)
  if (!stats.isFile()) {
    return plain(404, 'There is no such file.')
  }
  const { size, mtimeMs } = stats
  const etag = `"${size.toString(36)}-${Math.trunc(mtimeMs).toString(36)}"`
  const common = { ...SECURITY_HEADERS, ...headers, etag, 'accept-ranges': 'bytes' }
  if (request.headers.get('if-none-match') === etag) {
    return new Response(null, { status: 304, headers: common })
  }
  const range = wantedRange(request.headers, etag, size)
  if (range === 'unsatisfiable') {
    return plain(416, 'The file has no such range.', { 'content-range': `bytes */${size}` })
  }
  const { start, end } = range ?? { start: 0, end: size - 1 }
  const body =
    request.method === 'HEAD' || size === 0 ? null : Readable.toWeb(createReadStream(path, { start, end }))
  return new Response(body as ReadableStream<Uint8Array> | null, {
    status: range === null ? 200 : 206,
    headers: {
      ...common,
      'content-length': String(end - start + 1),
      ...(range !== null && { 'content-range': `bytes ${start}-${end}/${size}` }),
    },
  })
}

/** The range of a request; null for one that wants the whole, or a part of an older file. */
function wantedRange(headers: Headers, etag: string, size: number): ReturnType<typeof parseRange> {
  const ifRange = headers.get('if-range')
  return ifRange === null || ifRange === etag ? parseRange(headers.get('range'), size) : null
}

/**
 * A Range header over `size` bytes; both ends of the result are inside the file. Null: absent, or to be
 * ignored.
 */
export function parseRange(
  header: string | null,
  size: number,
): { start: number; end: number } | 'unsatisfiable' | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '')
  if (match === null || (match[1] === '' && match[2] === '')) {
    return null
  }
  if (match[1] === '') {
    const length = Math.min(Number(match[2]), size)
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size - 1 }
  }
  const start = Number(match[1])
  const last = match[2] === '' ? size - 1 : Number(match[2])
  if (last < start && match[2] !== '') {
    return null
  }
  return start >= size ? 'unsatisfiable' : { start, end: Math.min(last, size - 1) }
}

function plain(status: number, text: string, headers: Record<string, string> = {}): Response {
  return new Response(`${text}\n`, {
    status,
    headers: { ...SECURITY_HEADERS, ...headers, 'content-type': 'text/plain; charset=utf-8' },
  })
}
