/**
 * Who may connect to the loopback server. Loopback alone does not keep others out: other users of the machine
 * can connect, and any web page can make the user's browser send requests. A cookie would not do: browsers
 * send it to every port of the host, so to whatever else listens there.
 *
 * So a window has a secret, which it keeps in its own storage and never sends. The address that is printed
 * carries a token; the window gives it in for its secret, once. Whenever it connects from then on, window and
 * server prove to each other that they know the secret, each by an HMAC over a nonce of the other's. What a
 * program learns that took over the port of a server that ended is of no use elsewhere. Secrets are kept in
 * the user's folder, readable by the user alone, so that a server which starts again knows its windows; each
 * is bound to the port that the server listened on, which keeps proofs from being passed on to a server at
 * another port.
 *
 * Pictures and videos are asked for by elements of the page, which can't prove anything: their addresses
 * carry a key that lasts as long as the server. The window's own files are nobody's secret. The Host must
 * name the loopback interface (a page elsewhere whose name was rebound to 127.0.0.1 says another), and a
 * WebSocket's Origin must be this very server.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { proofText } from '#contract'
import type { Hello, Welcome } from '#contract'

const LOOPBACK_NAMES = new Set(['127.0.0.1', 'localhost', '[::1]'])
/** After how long a window that did not connect is forgotten. */
const FORGOTTEN_AFTER_MS = 30 * 24 * 3600 * 1000

export type Access = ReturnType<typeof createAccess>

/** The windows of the server at `port`, whose secrets lie in `folder`, a file each. */
export function createAccess(folder: string, port: number) {
  const tokens = new Set<string>()
  const mediaKey = createSecret()
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  forgetOldWindows(folder)

  /** The secret of a window, or null. `window` is what the schema of the handshake lets through: no path. */
  function secretOf(window: string): string | null {
    const file = fileOf(window)
    try {
      const secret = readFileSync(file, 'utf8')
      utimesSync(file, new Date(), new Date())
      return secret
    } catch {
      return null
    }
  }
  const fileOf = (window: string): string => join(folder, `${port}-${window}`)

  function enrol(): Welcome {
    const [window, secret] = [createSecret(), createSecret()]
    writeFileSync(fileOf(window), secret, { mode: 0o600, flag: 'wx' })
    return { mediaKey, enrolled: { window, secret }, proof: null }
  }

  return {
    /** A new token, which lets one window in. */
    createToken(): string {
      const token = createSecret()
      tokens.add(token)
      return token
    },

    createNonce: createSecret,

    /** The answer to a window that was sent `nonce`; null when it is not to be let in. */
    answer(hello: Hello, nonce: string): Welcome | null {
      if ('token' in hello) {
        return tokens.delete(hello.token) ? enrol() : null
      }
      const secret = secretOf(hello.window)
      if (secret === null || !isSame(hello.proof, prove(secret, 'window', nonce, hello.nonce))) {
        return null
      }
      return { mediaKey, enrolled: null, proof: prove(secret, 'server', nonce, hello.nonce) }
    },

    /** Whether a request for media comes from a window that was let in. */
    admitsMedia: (url: URL): boolean => isSame(url.searchParams.get('key') ?? '', mediaKey),
  }
}

const createSecret = (): string => randomBytes(24).toString('base64url')

const prove = (secret: string, side: 'window' | 'server', serverNonce: string, windowNonce: string): string =>
  createHmac('sha256', secret)
    .update(proofText(side, serverNonce, windowNonce))
    .digest('base64url')

function isSame(text: string, expected: string): boolean {
  const [bytes, expectedBytes] = [Buffer.from(text), Buffer.from(expected)]
  return bytes.length === expectedBytes.length && timingSafeEqual(bytes, expectedBytes)
}

function forgetOldWindows(folder: string): void {
  const limit = Date.now() - FORGOTTEN_AFTER_MS
  for (const file of readdirSync(folder).map((name) => join(folder, name))) {
    const stats = statSync(file, { throwIfNoEntry: false })
    if (stats !== undefined && stats.mtimeMs < limit) {
      rmSync(file, { force: true })
    }
  }
}

/**
 * Why a request is refused whatever it asks for, or null. Any port will do: a tunnel may give the server
 * another.
 */
export function refusal(request: IncomingMessage): string | null {
  const name = (request.headers.host ?? '').replace(/:\d+$/, '')
  return LOOPBACK_NAMES.has(name)
    ? null
    : 'Vitrine only answers to localhost. From another machine, use a tunnel: ssh -L PORT:localhost:PORT HOST.'
}

/** Whether a request to open a WebSocket comes from the server's own page. */
export const isSameOrigin = ({ headers }: IncomingMessage): boolean =>
  headers.origin === `http://${headers.host ?? ''}`
