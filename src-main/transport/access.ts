/**
 * Who may connect to the loopback server. Loopback alone does not keep others out: other users of the machine
 * can connect, and any web page can make the user's browser send requests. So the printed address carries a
 * random token, which the first visit turns into a cookie; everything else needs that cookie. The Host must
 * name the loopback interface (a page elsewhere whose name was rebound to 127.0.0.1 says another), and a
 * WebSocket's Origin must be this very server.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const LOOPBACK_NAMES = new Set(['127.0.0.1', 'localhost', '[::1]'])

export type Access = ReturnType<typeof createAccess>

/** The tokens of a server, and the cookie of `cookieName` that stands for them. */
export function createAccess(cookieName: string) {
  const token = createToken()
  const tokenBytes = Buffer.from(token)
  const launchTokens = new Set<string>()

  const isToken = (text: string): boolean => {
    const bytes = Buffer.from(text)
    return bytes.length === tokenBytes.length && timingSafeEqual(bytes, tokenBytes)
  }

  return {
    /** Lets in whoever has it. */
    token,

    /** The value of the header Set-Cookie that lets a browser in from now on. */
    cookie: `${cookieName}=${token}; Path=/; HttpOnly; SameSite=Lax`,

    /** A new token for one visit. */
    createLaunchToken(): string {
      const launchToken = createToken()
      launchTokens.add(launchToken)
      return launchToken
    },

    /** Whether a token lets in; one for a single visit does so once. */
    admits: (text: string): boolean => isToken(text) || launchTokens.delete(text),

    hasCookie: (request: IncomingMessage): boolean =>
      (request.headers.cookie ?? '').split(';').some((pair) => {
        const [name, value] = pair.trim().split('=', 2)
        return name === cookieName && isToken(value ?? '')
      }),
  }
}

const createToken = (): string => randomBytes(24).toString('base64url')

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
